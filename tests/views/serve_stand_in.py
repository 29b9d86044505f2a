"""The app whose imports are done by the stand-in of the pipeline: ``python -m tests.views.serve_stand_in PORT``."""

import sys

from data import jobs

if __name__ == "__main__":
    jobs.WORKER = (sys.executable, "-m", "tests.data.fake_pipeline")
    from app import run

    run(int(sys.argv[1]))
