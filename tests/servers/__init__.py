"""S3 services and a Spark cluster that the tests start for themselves."""
