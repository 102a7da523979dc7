def main(event, context):
    """Make a thumbnail of what was uploaded."""
