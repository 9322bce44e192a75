"""Reads messages from standard input (a line with the length, then the bytes) and says what Python's email makes of them."""
import email
import email.policy
import hashlib
import json
import sys

rows = []
while line := sys.stdin.buffer.readline():
    raw = sys.stdin.buffer.read(int(line))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts, defects = [], [str(defect) for defect in message.defects]
    for part in message.walk():
        defects += [str(defect) for defect in part.defects]
        for value in part.values():
            defects += [str(defect) for defect in getattr(value, "defects", [])]
        row = {"type": part.get_content_type(), "filename": part.get_filename()}
        if not part.is_multipart():
            content = part.get_payload(decode=True) or b""
            row["sha256"] = hashlib.sha256(content).hexdigest()
            row["bytes"] = len(content)
            if part.get_content_maintype() == "text":
                row["text"] = part.get_content()
        elif part.get_content_type() == "message/delivery-status":
            row["fields"] = [{k.lower(): str(v) for k, v in block.items()} for block in part.get_payload()]
        parts.append(row)
    rows.append({
        "subject": message["Subject"], "from": str(message["From"]), "to": str(message["To"]),
        "message_id": message["Message-ID"], "received": len(message.get_all("Received", [])),
        "return_path": message["Return-Path"], "report": message.get_param("report-type"),
        "parts": parts, "defects": defects,
    })
json.dump(rows, sys.stdout)
