"""How a stack's config is read and judged; it knows no key by itself.

``keys``: what one key allows. ``checks``: which keys do not go together. ``reading``: from the engine's strings to
models. ``errors``: the report of everything that is wrong.
"""
