"""Packs what was ordered: takes messages from a queue and deletes each when it is packed.

It speaks SQS's JSON protocol by plain HTTP, without a signature: QUEUE_ENDPOINT is a stand-in's address. The message in
hand is packed and deleted before the process ends on SIGTERM.
"""

import json
import os
import signal
import time
import urllib.error
import urllib.request

QUEUE = os.environ.get("COPILOT_QUEUE_URI", "")
ENDPOINT = os.environ.get("QUEUE_ENDPOINT", "")
stopping = False


def stop(*_):
    """Note that no further message is to be taken."""
    global stopping
    stopping = True


def call(action, **values):
    """Ask the queue."""
    body = json.dumps({"QueueUrl": QUEUE, **values}).encode()
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"AmazonSQS.{action}"}
    with urllib.request.urlopen(urllib.request.Request(ENDPOINT, body, headers), timeout=30) as answer:
        return json.loads(answer.read() or b"{}")


signal.signal(signal.SIGTERM, stop)
print(json.dumps({"event": "started", "queue": QUEUE}))
while not stopping:
    try:
        found = call("ReceiveMessage", MaxNumberOfMessages=1, WaitTimeSeconds=1).get("Messages", []) if ENDPOINT else []
    except (urllib.error.URLError, TimeoutError) as error:
        print(json.dumps({"event": "queue away", "reason": str(error)}))
        found = []
    for message in found:
        print(json.dumps({"event": "packed", "order": json.loads(message["Body"])}))
        call("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])
    if not found:
        time.sleep(0.2)
print(json.dumps({"event": "stopped"}))
