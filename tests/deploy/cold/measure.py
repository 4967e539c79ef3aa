"""Cold starts, side by side: from spawning a function's process to its first answer.

usage: measure.py LIANXIN FUNCTIONS HELLO [ROUNDS]

LIANXIN is the binary of the one-machine city, whose engines serve the calls; FUNCTIONS holds a folder with a `bootstrap` for
each function; HELLO is the built example. Needs boto3 for the Python function. In each round everything is started once, in
turn, so that whatever else the machine does falls on all alike. Medians, and their ratios to both hello-worlds, are printed.
"""

import http.server
import json
import os
import pathlib
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import events

HERE = pathlib.Path(__file__).parent
# The bars: no more than this times the hello-world in Rust, no more than this part of the one in Python.
RUST_MAX, PYTHON_PART = 1.5, 20
# The channels whose requests are made here.
DOORS = ("channel-hotline-12345",)


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece: in two, each would wait forty milliseconds for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # Functions are killed once they have answered, in whatever they were asking for.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(handler):
    """A server on loopback: its address and how to stop it."""
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return f"127.0.0.1:{server.server_address[1]}", server.shutdown


def runtime(event, answers):
    """Lambda's Runtime API with one event; the answer and its time go into `answers`."""
    given = threading.Lock()

    class Runtime(Quiet):
        def do_GET(self):
            if not given.acquire(blocking=False):
                time.sleep(60)
                return
            deadline = int(time.time() * 1000) + 30000
            headers = [
                ("Lambda-Runtime-Aws-Request-Id", "00000000-0000-0000-0000-000000000001"),
                ("Lambda-Runtime-Deadline-Ms", str(deadline)),
                ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:bench"),
                ("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000"),
                ("Content-Type", "application/json"),
            ]
            self.answer(200, json.dumps(event).encode(), headers)

        def do_POST(self):
            at, body = time.perf_counter(), self.body()
            answers.put((at, self.path, body))
            self.answer(202, b"{}")

    return Runtime


def first_answer(command, environment, event):
    """Milliseconds from spawn to answer, and the answer."""
    answers = queue.Queue()
    address, stop = serve(runtime(event, answers))
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env={**environment, "AWS_LAMBDA_RUNTIME_API": address},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        at, path, body = answers.get(timeout=60)
    finally:
        process.kill()
        process.wait()
        stop()
    if not path.endswith("/response"):
        raise SystemExit(f"{command} failed: {path} {body.decode()}")
    return (at - start) * 1000, json.loads(body)


def secrets(folder):
    """Secrets Manager, as far as a function asks: the city keeps its secrets in files."""

    class Secrets(Quiet):
        def do_POST(self):
            name = json.loads(self.body())["SecretId"]
            text = json.dumps({"Name": name, "SecretString": (folder / name).read_text()})
            self.answer(200, text.encode(), [("Content-Type", "application/x-amz-json-1.1")])

    return serve(Secrets)[0]


def environment(city, secrets_at, function):
    """What the template would give, with the names of a local stack; everybody gets everything."""
    ends, queues = city["endpoints"], {}
    for step in ["intake", "dispatch", "handling", "feedback", "evaluation", "archive"]:
        queues[f"QUEUE_{step.upper()}"] = f"{ends['sqs']}/000000000000/lianxin-step-{step}"
    return {
        **queues,
        "QUEUE_ATTACHMENT": f"{ends['sqs']}/000000000000/lianxin-attachment",
        "QUEUE_MAIL": f"{ends['sqs']}/000000000000/lianxin-channel-mayor-mailbox",
        "MAIL_BUCKET": "lianxin-mail-000000000000",
        "DEAD_LETTER_QUEUE": f"{ends['sqs']}/000000000000/lianxin-{function}-dead",
        "TICKETS_TABLE": "lianxin-tickets", "SEALED_TABLE": "lianxin-sealed", "KEYS_TABLE": "lianxin-keys",
        "SKETCHES_TABLE": "lianxin-sketches", "LEDGER_TABLE": "lianxin-ledger", "ACCOUNTS_TABLE": "lianxin-accounts",
        "REPORTS_BUCKET": "lianxin-reports-000000000000", "DIRECTORY_BUCKET": "lianxin-directory-000000000000",
        "REPORT_KEY_SECRET": "report-key", "FINANCE_TOPIC": "arn:aws:sns:cn-north-1:123456789012:lianxin-finance",
        "ARCHIVE_BUCKET": "lianxin-archive-000000000000", "UPLOADS_BUCKET": "lianxin-uploads-000000000000",
        "ROOT_KEY_SECRET": "root-key", "CHANNEL_SECRET": f"{function}-secret",
        "LIANXIN_REGION": "140581", "LEASE_SECONDS": "900", "RUST_LOG": "info",
        "AWS_ENDPOINT_URL_DYNAMODB": ends["dynamodb"], "AWS_ENDPOINT_URL_SQS": ends["sqs"],
        "AWS_ENDPOINT_URL_S3": ends["s3"], "AWS_ENDPOINT_URL_SNS": ends["sns"],
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://{secrets_at}",
        "AWS_ACCESS_KEY_ID": ends["access_key"], "AWS_SECRET_ACCESS_KEY": ends["secret_key"],
        "AWS_REGION": ends["region"], "AWS_DEFAULT_REGION": ends["region"], "PATH": os.environ["PATH"],
        "AWS_LAMBDA_FUNCTION_NAME": function, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
        "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
    }


def secret_of(data, channel):
    return json.loads((data / "secrets" / f"{channel}-secret").read_text())["current"]


def measure(data, functions, hello, rounds):
    city = json.loads((data / "city.json").read_text())
    secrets_at = secrets(data / "secrets")
    ticket = events.admit(city["url"], secret_of(data, "channel-hotline-12345"), "bench")
    names = sorted(path.parent.name for path in functions.glob("*/bootstrap"))
    # The other channels differ in form and proof; their doors are the same.
    names = [name for name in names if name in DOORS or name.startswith(("step-", "schedule-", "attachment"))]
    commands = {name: [functions / name / "bootstrap"] for name in names}
    commands |= {"hello in Rust": [hello], "hello in Python": [sys.executable, HERE / "hello.py"]}
    times = {name: [] for name in commands}
    # The first round warms the page cache and is not counted.
    for turn in range(rounds + 1):
        for name, command in commands.items():
            secret = secret_of(data, name) if name.startswith("channel-") else ""
            event = events.event(name, secret, ticket, f"bench-{name}-{turn}")
            took, answer = first_answer(command, environment(city, secrets_at, name), event)
            if name.startswith("channel-") and answer["statusCode"] != 202:
                raise SystemExit(f"{name}: {answer}")
            if turn:
                times[name].append(took)
    return times


def report(times):
    """Prints the table; whether every function keeps both bars."""
    medians = {name: statistics.median(all) for name, all in times.items()}
    rust, python = medians["hello in Rust"], medians["hello in Python"]
    kept = True
    print(f"{'':24} {'median ms':>10} {'x Rust':>8} {'Python /':>9}")
    for name, median in medians.items():
        good = name.startswith("hello") or (median <= RUST_MAX * rust and median * PYTHON_PART <= python)
        kept = kept and good
        print(f"{name:24} {median:10.1f} {median / rust:8.2f} {python / median:9.1f}{'' if good else '  over the bar'}")
    return kept


def main():
    lianxin, functions, hello = (pathlib.Path(argument).absolute() for argument in sys.argv[1:4])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 15
    with tempfile.TemporaryDirectory() as data:
        city = subprocess.Popen(
            [lianxin, "--data", data, "--json", "up", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            city.stdout.readline()
            kept = report(measure(pathlib.Path(data), functions, hello, rounds))
        finally:
            city.terminate()
            city.wait()
    raise SystemExit(0 if kept else 1)


if __name__ == "__main__":
    main()
