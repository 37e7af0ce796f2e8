"""One request's life as rows: Run -> Generation -> Attempt -> Output, and the Worker that carries it.

    queued -> running -> succeeded
                      -> words      (the model answered, but in words; billed)
                      -> failed     (a code, and whether it was billed: no | yes | unknown)
    queued -> cancelled             (free)

Rows change state only through `playground.runs.states`. What must never be is forbidden by the database itself:
above all, a generation never has two attempts that may have cost money (`attempt_paid_once`).
"""

from playground.runs.models.attempt import Attempt
from playground.runs.models.columns import FINAL_STATES, REPEATABLE_STATES, Billed, State, money
from playground.runs.models.generation import Generation, label_of, wish_of
from playground.runs.models.history import History, PictureLink
from playground.runs.models.matrix import Matrix
from playground.runs.models.output import Output, small_url
from playground.runs.models.run import Reference, Run
from playground.runs.models.upload import Mask, Upload
from playground.runs.models.worker import Worker

__all__ = [
    "FINAL_STATES", "REPEATABLE_STATES", "Attempt", "Billed", "Generation", "History", "Mask", "Matrix", "Output",
    "PictureLink", "Reference", "Run", "State", "Upload", "Worker", "label_of", "money", "small_url",
    "wish_of",
]  # fmt: skip
