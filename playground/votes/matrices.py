"""The little of linear algebra that a fit of some ten unknowns needs: symmetric, positive definite matrices."""

from collections.abc import Sequence
from math import sqrt

Matrix = list[list[float]]


def solved(matrix: Matrix, right: Sequence[float]) -> list[float]:
    """The x with matrix x = right."""
    return _back(_root(matrix), right)


def inverse(matrix: Matrix) -> Matrix:
    root, size = _root(matrix), range(len(matrix))
    return [_back(root, [1.0 if row == column else 0.0 for row in size]) for column in size]


def _root(matrix: Matrix) -> Matrix:
    """Cholesky's: the lower triangle that, times itself turned over, is the matrix."""
    root = [[0.0] * len(matrix) for _row in matrix]
    for row in range(len(matrix)):
        for column in range(row + 1):
            rest = matrix[row][column] - sum(root[row][k] * root[column][k] for k in range(column))
            root[row][column] = sqrt(rest) if row == column else rest / root[column][column]
    return root


def _back(root: Matrix, right: Sequence[float]) -> list[float]:
    size, half = len(root), list(right)
    for row in range(size):
        half[row] = (half[row] - sum(root[row][k] * half[k] for k in range(row))) / root[row][row]
    for row in reversed(range(size)):
        half[row] = (half[row] - sum(root[k][row] * half[k] for k in range(row + 1, size))) / root[row][row]
    return half
