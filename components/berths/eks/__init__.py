"""EKS in Auto Mode."""
