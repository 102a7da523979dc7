"""What the rules on AWS resources have in common."""

from ..values import Field, UnknownInput


def given(field: Field) -> bool:
    """Tell whether anything is written here; what is known only after ``pulumi up`` was written, too.

    For inputs that merely have to be there, such as a key or a log group: a program that creates them beside the
    resource cannot know their ARN at its first preview.
    """
    try:
        return field.exists()
    except UnknownInput:
        return True
