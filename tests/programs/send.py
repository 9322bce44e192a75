"""Sends the message on standard input with smtplib: send.py PORT FROM TO OPTIONS, OPTIONS being JSON
{"mail": [...], "rcpt": [...], "user": ..., "password": ..., "tls": bool}. Prints JSON {"refused": {address: [code, text]}}."""
import json
import smtplib
import ssl
import sys

port, sender, recipients, options = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(","), json.loads(sys.argv[4])
with smtplib.SMTP("127.0.0.1", port, local_hostname="python.test", timeout=60) as smtp:
    smtp.ehlo()
    if options.get("tls"):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        smtp.starttls(context=context)
        smtp.ehlo()
    if options.get("user"):
        smtp.login(options["user"], options["password"])
    try:
        refused = smtp.sendmail(sender, recipients, sys.stdin.buffer.read(), options.get("mail", []), options.get("rcpt", []))
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
print(json.dumps({"refused": {to: [code, text.decode()] for to, (code, text) in refused.items()}}))
