"""Elastic Beanstalk: machines that a platform of AWS keeps, each with one replica of the service, run by Compose."""
