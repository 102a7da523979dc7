"""What runs on a machine beside the containers: part of each bundle, so that it needs nothing of this project."""
