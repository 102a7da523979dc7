"""The policy pack: rules that judge one resource at a time, for the Pulumi CLI and for any other caller."""
