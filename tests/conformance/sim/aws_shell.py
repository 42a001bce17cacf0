"""The aws command in one process, one line a call: [words...] in, [status, out, error, answers] out, as JSON; an answer is
[status, headers, body] as it came over the wire. It is a process of its own because the command brings another botocore
than the clients of the tests."""

import io
import json
import sys
import unittest.mock

import awscli.clidriver
from botocore.httpsession import URLLib3Session

driver = awscli.clidriver.create_clidriver()
told = sys.stdout
answers = []
send = URLLib3Session.send


def recorded(session, request):
    answer = send(session, request)
    answers.append([answer.status_code, dict(answer.headers), answer.content.decode()])
    return answer


URLLib3Session.send = recorded
for line in sys.stdin:
    answers.clear()
    out, error = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
    with unittest.mock.patch.object(sys, "stdout", out), unittest.mock.patch.object(sys, "stderr", error):
        try:
            status = driver.main(json.loads(line))
        except SystemExit as end:
            status = end.code
    out.seek(0)
    print(json.dumps([status, out.read(), error.getvalue(), answers]), file=told, flush=True)
