"""A move to another berth, rehearsed under load: both run, and the proxy takes the weights through the steps."""
