#!/usr/bin/env python3
"""make bench ONLY=store: the trace store beside rg over the same rows as CSV and DuckDB, in one run.

store.py --target FOLDER [--rows 1000000,10000000] [--rounds 20] [--messages 200000] [--out docs/benchmarks.md] [--work FOLDER]

rg (Debian: ripgrep) and DuckDB (a Python with the package duckdb, DUCKDB_PYTHON) are left out where they are missing."""
import argparse, json, os, platform, shutil, statistics, subprocess, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARK = "<!-- newest run first; written by benches/store.py -->\n"
# What a needle is in the CSV: the other programs are asked only what they can answer with one condition.
SELECTIVE = {"recipient 2 days": "recipient", "recipient 90 days": "recipient", "message id": "message_id",
             "sender 90 days": "sender", "subject 90 days": "subject"}
PEER_KEYS = 5
# Of more rows there is no CSV to compare with, and no report: it would be 16 GB.
CSV_ROWS_MAX = 20_000_000
COUNTS = ("counts by status and day, 90 days", "total")
DUCK = r'''
import duckdb, json, sys, time
csv, keys = sys.argv[1], [json.loads(line) for line in open(sys.argv[2])]
db = duckdb.connect(sys.argv[3]); db.execute("SET threads=2"); begun = time.time()
db.execute(f"CREATE TABLE r AS SELECT * FROM read_csv('{csv}', header=true, all_varchar=false, quote='', escape='')")
print(json.dumps({"load_s": time.time() - begun}))
where = {"recipient": "recipient = ?", "message_id": "message_id = ?", "sender": "(sender = ? OR author = ?)",
         "subject": "contains(lower(subject), ?)"}
for key in keys:
    values = [key["value"]] * where[key["kind"]].count("?")
    span = f" AND received >= '{key['start']}' AND received < '{key['end']}'"
    begun = time.time()
    # Times as text: as Python values they would need another package.
    db.execute(f"SELECT * REPLACE (CAST(received AS VARCHAR) AS received) FROM r WHERE {where[key['kind']]}{span} ORDER BY r.received DESC LIMIT 100", values).fetchall()
    page = time.time() - begun; begun = time.time()
    total = db.execute(f"SELECT count(*) FROM r WHERE {where[key['kind']]}{span}", values).fetchone()[0]
    print(json.dumps({"query": key["query"], "page_ms": page * 1e3, "total_ms": (time.time() - begun) * 1e3, "total": total}))
'''


def lines(*words):
    done = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def drop_caches():
    try:
        subprocess.run(["sync"], check=True)
        with open("/proc/sys/vm/drop_caches", "w") as caches:
            caches.write("3\n")
        return True
    except OSError:
        return False


def size(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(size(os.path.join(path, name)) for name in os.listdir(path))


def peers(csv, keys, work):
    """Median milliseconds of rg and DuckDB by query."""
    found = {name: {} for name in SELECTIVE}
    if shutil.which("rg"):
        for name in SELECTIVE:
            times = []
            for key in [key for key in keys if key["query"] == name]:
                begun = time.perf_counter()
                subprocess.run(["rg", "-c", "-i", "-F", key["value"], csv], stdout=subprocess.DEVNULL)
                times.append((time.perf_counter() - begun) * 1e3)
            found[name]["rg"] = statistics.median(times)
    python = os.environ.get("DUCKDB_PYTHON", "python3")
    if subprocess.run([python, "-c", "import duckdb"], capture_output=True).returncode == 0:
        listed = os.path.join(work, "keys.json")
        with open(listed, "w") as out:
            out.writelines(json.dumps(key) + "\n" for key in keys)
        rows = lines(python, "-c", DUCK, csv, listed, os.path.join(work, "duck.db"))
        for name in SELECTIVE:
            own = [row for row in rows if row.get("query") == name]
            if own:
                found[name]["duck_page"] = statistics.median(row["page_ms"] for row in own)
                found[name]["duck_total"] = statistics.median(row["total_ms"] for row in own)
                found[name]["totals"] = [row["total"] for row in own]
    return found


def imports(example, folder, count, options):
    """A gateway's log of a day: into an empty store, again, and into the filled one while searches run."""
    # Not beside the store: nothing is imported out of a server's own folder.
    logs = tempfile.mkdtemp(prefix="store-log-", dir=options.work)
    try:
        log, empty = os.path.join(logs, "mail.log"), tempfile.mkdtemp(prefix="store-empty-", dir=options.work)
        try:
            lines(example, "maillog", f"log={log}", f"messages={options.messages}")
            first, again = [lines(example, "import", f"dir={empty}/trace", f"log={log}")[-1] for _ in range(2)]
        finally:
            shutil.rmtree(empty, ignore_errors=True)
        return dict(first=first, again=again,
                    searched=lines(example, "import", f"dir={folder}", count, f"log={log}", "searches=1")[-1])
    finally:
        shutil.rmtree(logs, ignore_errors=True)


def measure(example, rows, options):
    work = tempfile.mkdtemp(prefix="store-", dir=options.work)
    try:
        folder, csv, count = os.path.join(work, "trace"), os.path.join(work, "rows.csv"), f"rows={rows}"
        has_csv = rows <= CSV_ROWS_MAX
        if options.given:
            folder, csv = (options.given + ",").split(",")[:2]
        else:
            lines(example, "restore", f"dir={folder}", count)
            if has_csv:
                lines(example, "fill", f"csv={csv}", count)
        warm = lines(example, "ask", f"dir={folder}", count, f"rounds={options.rounds}")
        warm = lines(example, "ask", f"dir={folder}", count, f"rounds={options.rounds}")
        total = next(row["totals"][0] for row in warm[1:] if (row["query"], row["phase"]) == COUNTS)
        store, load = size(folder), os.getloadavg()[0]
        cold = []
        for _ in range(3 if drop_caches() else 0):
            drop_caches()
            cold.append(lines(example, "ask", f"dir={folder}", count, "rounds=1"))
        report = lines(example, "report", f"dir={folder}", count)[-1] if has_csv else None
        ingest = lines(example, "ingest", f"dir={folder}", count)[-1]
        imported = imports(example, folder, count, options)
        keys = []
        for key in lines(example, "keys", count, f"rounds={PEER_KEYS}"):
            kind = SELECTIVE.get(key["query"])
            if kind:
                keys.append(dict(key, kind=kind, value=key[kind]))
        beside = peers(csv, keys, work) if has_csv else {}
        retain = lines(example, "retain", f"dir={folder}")[-1]
        return dict(rows=total, csv=size(csv) / total if has_csv else None, store=store / total, load=load, warm=warm, cold=cold,
                    ingest=ingest, imported=imported, report=report, beside=beside, retain=retain)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def told(report):
    if not report:
        return ""
    return (f"; a Summary report of all rows {report['rows_per_s']:,.0f} rows/s, resident {report['rss_first_half_mib']:.0f} MiB "
            f"in its first half and {report['rss_second_half_mib']:.0f} MiB in its second")


def page(results, options):
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    text = [f"### {time.strftime('%F %H:%M')} UTC, commit {commit}", "",
            f"{os.cpu_count()} cores, Linux {platform.release()}; load {os.getloadavg()[0]:.1f} at the end; {options.rounds} keys a query.", ""]
    for result in results:
        head = result["warm"][0]
        text += [f"**{result['rows']:,} rows over 90 days**: {result['store']:.0f} bytes a row with all events and indexes, "
                 + (f"the same rows as CSV {result['csv']:.0f}; " if result["csv"] else "")
                 + f"load {result['load']:.1f} while it was asked; ingest {result['ingest']['events_per_s']:,.0f} events/s "
                 f"({result['ingest']['events_per_cpu_s']:,.0f} a second of its thread) with {result['ingest']['searches']:,} searches meanwhile; "
                 + "; ".join(f"Postfix log of {row['events']:,} events {words} {row['events_per_s']:,.0f} events/s "
                             f"({row['events_per_cpu_s']:,.0f} a second of its thread)"
                             for words, row in [("imported alone", result["imported"]["first"]),
                                                ("imported again", result["imported"]["again"]),
                                                (f"with {result['imported']['searched']['searches']:,} searches meanwhile",
                                                 result["imported"]["searched"])]) + "; "
                 f"open and first answer {head['open_and_first_ms']:.0f} ms warm"
                 + (f", {statistics.median(run[0]['open_and_first_ms'] for run in result['cold']):.0f} ms cold" if result["cold"] else "")
                 + f"; resident {head['peak_rss_mib']:.0f} MiB; a day dropped in {result['retain']['ms']:.0f} ms" + told(result["report"]) + ".", "",
                 "| Query | page p50 | p95 | cold | total p50 | p95 | cold | rg | DuckDB page | DuckDB total |",
                 "|" + "---|" * 10]
        by = {(row["query"], row["phase"]): row for row in result["warm"][1:]}
        for name in sorted({name for name, _ in by}):
            cells = [name]
            for phase in ["page", "total"]:
                cold = [row["first_ms"] for run in result["cold"] for row in run[1:] if (row["query"], row["phase"]) == (name, phase)]
                cells += [f"{by[name, phase]['p50_ms']:.1f}", f"{by[name, phase]['p95_ms']:.1f}", f"{statistics.median(cold):.0f}" if cold else ""]
            beside = result["beside"].get(name, {})
            cells += [f"{beside[kind]:.0f}" if kind in beside else "" for kind in ["rg", "duck_page", "duck_total"]]
            text.append("| " + " | ".join(cells) + " |")
        text.append("")
    return "\n".join(text + ["Milliseconds. rg counts the lines with the text; the others give the newest 100 rows and the exact total.", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", required=True)
    parser.add_argument("--rows", default="1000000,10000000")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--out")
    parser.add_argument("--work", default="/var/tmp")
    parser.add_argument("--messages", type=int, default=200_000, help="messages of the mail log that is imported")
    parser.add_argument("--given", help="a filled folder and its CSV, comma between: for measuring again")
    options = parser.parse_args()
    example = os.path.join(options.target, "examples/store")
    text = page([measure(example, int(rows), options) for rows in options.rows.split(",")], options)
    print(text)
    if options.out:
        old = open(options.out).read()
        if MARK not in old:
            old = old.rstrip() + "\n\n## Trace store\n\n`make bench ONLY=store`, and `make bench-large` for 50 million rows.\n\n" + MARK
        head, _, rest = old.partition(MARK)
        with open(options.out, "w") as out:
            out.write(head + MARK + "\n" + text + rest)


if __name__ == "__main__":
    main()
