"""`s3r-spark migrate` for spark-submit: executors copy, this driver has the plan and the journal.

    PYSPARK_DRIVER_PYTHON=python PYSPARK_PYTHON=./env/bin/python spark-submit --master …
        --archives env.tar.gz#env migrate_on_spark.py --finish old.yaml new.yaml

It takes what the command takes. The archive, or the executors' image, has this package and what it
needs (venv-pack makes one); so has the driver's environment.
"""

from __future__ import annotations

import sys

from s3r_spark.cli import main

if __name__ == "__main__":
    main(["migrate", "--spark", *sys.argv[1:]])
