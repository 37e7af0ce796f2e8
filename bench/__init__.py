"""Measuring: one script for each question, each beside a bare baseline measured in the same run.

`make bench`, or `python -m bench [--quick] [flight] [ready] [polling] [start] [page]`. Everything runs on loopback
in a data folder of its own, which is removed afterwards. What was found stands in the README.
"""
