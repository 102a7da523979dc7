"""Rules on the AWS resources around a workload: its network, edge, image, database, buckets, rights and machines."""
