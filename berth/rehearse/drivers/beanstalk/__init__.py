"""Environments of Elastic Beanstalk on its platform of Docker: the containers of a bundle's Compose file."""
