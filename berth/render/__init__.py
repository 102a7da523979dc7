"""Sections as text for a terminal, Markdown for a comment and HTML for a page: each format once."""
