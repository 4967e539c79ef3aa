"""The events that functions are started with: as their sources send them, about a ticket of a running city."""

import hashlib
import hmac
import json
import time
import urllib.request


def signed(secret, body):
    """The headers of a webhook."""
    now = str(int(time.time()))
    mac = hmac.new(secret.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-lianxin-timestamp": now, "x-lianxin-signature": f"v1={mac}"}


def submission(order):
    citizen = {"name": "样例民甲", "phone": "10000000001"}
    text = {"title": "井盖破损", "content": "示例路口的井盖破了，请尽快更换。", "citizen": citizen}
    return json.dumps({"type": "submit", "order_id": order, "sent_at": "2026-01-05T08:30:00+08:00", **text})


def admit(url, secret, order):
    """A real ticket: its id."""
    body = submission(order)
    post = urllib.request.Request(f"{url}/channels/hotline-12345", body.encode(), signed(secret, body))
    with urllib.request.urlopen(post) as answer:
        return json.load(answer)["ticket"]


def webhook(channel, secret, order):
    """API Gateway's event, payload format 2.0."""
    body, path = submission(order), f"/channels/{channel}"
    http = {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"}
    context = {
        "accountId": "000000000000", "apiId": "bench", "domainName": "bench.example", "domainPrefix": "bench",
        "http": http, "requestId": "bench", "routeKey": f"POST {path}", "stage": "$default",
        "time": "05/Jan/2026:00:30:00 +0000", "timeEpoch": 1767573000000,
    }
    return {
        "version": "2.0", "routeKey": f"POST {path}", "rawPath": path, "rawQueryString": "",
        "headers": signed(secret, body), "requestContext": context, "body": body, "isBase64Encoded": False,
    }


def message(name, body):
    """SQS's event with one message."""
    return {"Records": [{
        "messageId": "m-1", "receiptHandle": "r-1", "body": json.dumps(body), "messageAttributes": {},
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767573000000"},
        "md5OfBody": "", "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:lianxin-{name}",
    }]}


def upload(key):
    """The bucket's notice of an upload."""
    thing = {"bucket": {"name": "lianxin-uploads-000000000000"}, "object": {"key": key, "size": 1}}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": thing}]}


def event(function, secret, ticket, order):
    """The first event of a function."""
    if function.startswith("channel-"):
        return webhook(function.removeprefix("channel-"), secret, order)
    if function.startswith("step-"):
        return message(function, {"type": "ticket_hint_v1", "ticket": ticket, "version": 1})
    if function == "attachment":
        return message(function, upload("u/not-there"))
    return {}
