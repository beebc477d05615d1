"""Routes to what Hadoop is told: options, packages, engines, and the files that hold them."""
