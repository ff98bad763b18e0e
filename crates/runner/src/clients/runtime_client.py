"""Runs a Python function with the Lambda Runtime API, where AWS's own client is not installed.

Usage: runtime_client.py MODULE.FUNCTION, with the environment of a Lambda function.
"""

import http.client
import importlib
import json
import os
import sys
import time
import traceback

PREFIX = "/2018-06-01/runtime/"


class Api:
    """The Runtime API, over one connection."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)

    def next(self):
        """The next event and its headers. Waits for as long as it takes."""
        return self._call("GET", "invocation/next")

    def respond(self, request_id, body):
        self._call("POST", "invocation/%s/response" % request_id, body)

    def fail(self, request_id, error):
        self._report("invocation/%s/error" % request_id, error)

    def fail_to_start(self, error):
        self._report("init/error", error)

    def _report(self, path, error):
        headers = {"Lambda-Runtime-Function-Error-Type": error["errorType"]}
        self._call("POST", path, json.dumps(error).encode(), headers)

    def _call(self, method, path, body=None, headers=None):
        headers = {"Content-Type": "application/json", **(headers or {})}
        self.connection.request(method, PREFIX + path, body, headers)
        response = self.connection.getresponse()
        return response.read(), response.headers


class Context:
    """What a handler learns about its invocation."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class CannotStart(Exception):
    """There is no handler to call."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error = failure(error_type, message, trace)


def failure(error_type, message, trace):
    return {"errorMessage": message, "errorType": error_type, "stackTrace": list(trace)}


def failure_of(error):
    """What is reported of an exception: its frames, without those of this file."""
    frames = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in frames if frame.filename != __file__]
    return failure(type(error).__name__, str(error), traceback.format_list(frames))


def find_handler(name):
    """The function that `module.function` or `package/module.function` names."""
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise CannotStart(
            "Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (name, error)
        ) from None
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise CannotStart(
            "Runtime.ImportModuleError",
            "Unable to import module '%s': %s" % (module_name, error),
        ) from None
    except SyntaxError as error:
        place = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)
        raise CannotStart(
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module '%s': %s" % (module_name, error),
            [place],
        ) from None
    handler = getattr(module, function_name, None)
    if not callable(handler):
        raise CannotStart(
            "Runtime.HandlerNotFound",
            "Handler '%s' missing on module '%s'" % (function_name, module_name),
        )
    return handler


def log_failure(error):
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"])]
    if error["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines += [line.rstrip("\n") for line in error["stackTrace"]]
    # One event of the log: its lines are kept apart as AWS's client does it.
    print("\r".join(lines).replace("\n", "\r"), flush=True)


def invoke(api, handler):
    """Answers one event."""
    event, headers = api.next()
    context = Context(headers)
    try:
        result = handler(json.loads(event), context)
    except Exception as error:
        reported = failure_of(error)
    else:
        try:
            body = json.dumps(result, ensure_ascii=False).encode()
            return api.respond(context.aws_request_id, body)
        except (TypeError, ValueError) as error:
            reported = failure(
                "Runtime.MarshalError", "Unable to marshal response: %s" % error, []
            )
    log_failure(reported)
    api.fail(context.aws_request_id, reported)


def main():
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.stdout.reconfigure(line_buffering=True)
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = find_handler(sys.argv[1])
    except CannotStart as error:
        problem = error.error
    except Exception as error:
        problem = failure_of(error)
    else:
        while True:
            invoke(api, handler)
            sys.stdout.flush()
    log_failure(problem)
    api.fail_to_start(problem)
    sys.exit(1)


if __name__ == "__main__":
    main()
