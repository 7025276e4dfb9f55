"""What the management API refuses, and why."""


def refused(answer, status, code):
    """-> the problem the answer holds, which is the one that was expected"""
    problem = answer.json()
    assert (answer.status, problem["code"]) == (status, code), answer
    return problem


def pointers(problem):
    """-> where its faults are"""
    return {fault["pointer"] for fault in problem["errors"]}
