#!/usr/bin/env python3
"""make bench: Postroom beside Postfix, Dovecot and smtp-sink on this machine, in one run, interleaved, medians of rounds.

run.py --target FOLDER [--rounds 5] [--only GROUP,…] [--scale 1.0] [--out docs/benchmarks.md] [--json FILE] [--work FOLDER]

Groups: receive, relay, local, trace, latency, memory, start. --scale makes every count smaller for a first look.
Root only (Postfix). Every peer runs on a throw-away configuration; nothing of an installed one is touched."""
import argparse, contextlib, http.client, json, os, platform, shutil, signal, socket, statistics, subprocess, sys, tempfile
import threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
HZ = os.sysconf("SC_CLK_TCK")
POSTFIX, DOVECOT = os.path.join(ROOT, "scripts/postfix.sh"), os.path.join(HERE, "dovecot.sh")
DRAIN_SECONDS_MAX = 300


# ---- what processes use ----

def processes():
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                text = open(f"/proc/{name}/stat").read()
                fields = text[text.rindex(")") + 2:].split()
                found[int(name)] = (int(fields[1]), sum(int(x) for x in fields[11:15]) / HZ)
    return found


def tree(pids, table):
    keep, grew = {pid for pid in pids if pid in table}, True
    while grew:
        new = {pid for pid, (parent, _) in table.items() if parent in keep} - keep
        keep |= new
        grew = bool(new)
    return keep


def cpu(pids):
    table = processes()
    return sum(table[pid][1] for pid in tree(pids, table))


def memory_mib(pids, field="Pss:"):
    total = 0
    for pid in tree(pids, processes()):
        with contextlib.suppress(OSError):
            total += sum(int(line.split()[1]) for line in open(f"/proc/{pid}/smaps_rollup") if line.startswith(field))
    return total / 1024


def machine_cpu():
    values = [int(x) for x in open("/proc/stat").readline().split()[1:8]]
    return (values[0] + values[1] + values[2] + values[5] + values[6]) / HZ


class Peak(threading.Thread):
    """The most memory a tree of processes held meanwhile."""

    def __init__(self, pids):
        super().__init__(daemon=True)
        self.pids, self.most, self.ended = pids, 0.0, threading.Event()

    def run(self):
        while not self.ended.wait(0.25):
            self.most = max(self.most, memory_mib(self.pids))

    def end(self):
        self.ended.set()
        self.join()
        return max(self.most, memory_mib(self.pids))


# ---- peers ----

def free_port():
    """Below the range the kernel hands out by itself."""
    for port in range(20000 + os.getpid() % 5000, 32000, 7):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise SystemExit("no free port")


def started(*words):
    """Starts a daemon with a script, which prints the master's pid when it accepts."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"run.py: {done.stderr.strip() or words}")
    return int(done.stdout.split()[-1])


def wait_for(what, done, seconds=60.0):
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"run.py: waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.01)


def accepts(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


class UnixHttp(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class Postroom:
    name = "Postroom"

    def __init__(self, work, binary):
        self.binary, self.folder = binary, tempfile.mkdtemp(prefix="pr-", dir=work)
        self.data, self.config = os.path.join(self.folder, "data"), os.path.join(self.folder, "postroom.toml")
        with open(self.config, "w") as config:
            config.write('[listen]\nsmtp = "127.0.0.1:0"\nsubmission = "127.0.0.1:0"\nhttp = "127.0.0.1:0"\n'
                         '[dns]\nservers = ["127.0.0.1:9"]\n[log]\nlevel = "warn"\n')
        subprocess.run([binary, "init", "--data", self.data, "--domain", "contoso.example", "--server-name", "mx1"],
                       check=True, stdout=subprocess.DEVNULL)
        self.waiting = 0
        self.start()

    def start(self):
        begun = time.perf_counter()
        log = open(os.path.join(self.folder, "serve.txt"), "ab")
        self.child = subprocess.Popen([self.binary, "serve", "--data", self.data, "--config", self.config],
                                      stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        ports = os.path.join(self.data, "run/ports.json")
        lock = os.path.join(self.data, "run/lock")

        def ready():
            if self.child.poll() is not None:
                raise SystemExit(f"run.py: serve ended: {open(log.name).read()[-500:]}")
            with contextlib.suppress(OSError, ValueError):
                own = open(lock).readline().strip() == str(self.child.pid)
                self.ports = json.load(open(ports))
                return own and accepts(self.ports["smtp"])
            return False

        wait_for("Postroom", ready, 300)
        self.port, self.pids = self.ports["smtp"], [self.child.pid]
        return time.perf_counter() - begun

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(120)

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def cmdlet(self, *words):
        done = subprocess.run([self.binary, "--data", self.data, *words, "-Format", "json"], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"run.py: {words}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else []

    @property
    def socket(self):
        return os.path.join(self.data, "run/admin.sock")

    def metrics(self):
        http_ = UnixHttp(self.socket)
        http_.request("GET", "/metrics")
        text = http_.getresponse().read().decode()
        http_.close()
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def drained(self):
        """Everything categorized, searchable, and where it ends: in mailboxes, at the next hop or in the queue held back."""
        now = self.metrics()
        return (now["postroom_submission_queue_messages"] == 0 and now["postroom_trace_feed_lag_events"] == 0
                and now["postroom_queued_messages"] <= self.waiting)

    def expect(self, messages):
        if self.waiting:
            self.waiting += messages

    def relay(self, port):
        self.cmdlet("New-AcceptedDomain", "-Name", "dst", "-DomainName", "dst.test", "-DomainType", "ExternalRelay")
        self.cmdlet("New-SendConnector", "-Name", "dst", "-AddressSpaces", "dst.test", "-SmartHosts", "127.0.0.1",
                    "-Port", str(port))

    def hold(self):
        """Everything for dst.test ends in a queue that is held back."""
        self.relay(9)
        subprocess.run(["smtp-source", "-m", "1", "-f", "s@src.test", "-t", "r@dst.test", f"127.0.0.1:{self.port}"], check=True)
        queue = None

        def there():
            nonlocal queue
            queue = next((q for q in self.cmdlet("Get-Queue") if "Submission" not in q["Identity"] and q["MessageCount"]), None)
            return queue
        wait_for("the queue", there)
        self.cmdlet("Suspend-Queue", "-Identity", queue["Identity"])
        self.waiting = 1
        wait_for("an idle server", self.drained)

    def mailboxes(self, count):
        self.cmdlet("New-AcceptedDomain", "-Name", "dst", "-DomainName", "dst.test", "-DomainType", "Authoritative")
        for number in range(count):
            self.cmdlet("New-Mailbox", "-Name", f"u{number:03}", "-Shared", "-PrimarySmtpAddress", f"u{number:03}@dst.test")


class Peer:
    """Postfix in one of its modes."""

    def __init__(self, work, name, mode):
        self.name, self.folder, self.port = name, tempfile.mkdtemp(prefix="pf-", dir=work), free_port()
        os.chmod(self.folder, 0o755)
        self.pids = [started(POSTFIX, "start", self.folder, str(self.port), mode)]

    def drained(self):
        return subprocess.run([POSTFIX, "drained", self.folder]).returncode == 0

    def expect(self, messages):
        pass

    def close(self):
        subprocess.run([POSTFIX, "stop", self.folder], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


class Dovecot:
    def __init__(self, work):
        self.folder, self.port = tempfile.mkdtemp(prefix="dc-", dir=work), free_port()
        self.pids = [started(DOVECOT, "start", self.folder, str(self.port))]

    def close(self):
        subprocess.run([DOVECOT, "stop", self.folder], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


class Sink:
    """smtp-sink: takes everything, stores nothing; the ceiling of the generator."""
    name = "smtp-sink"

    def __init__(self):
        self.port = free_port()
        self.child = subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{self.port}", "1024"])
        self.pids = [self.child.pid]
        wait_for("smtp-sink", lambda: accepts(self.port))

    def drained(self):
        return True

    def expect(self, messages):
        pass

    def close(self):
        self.child.kill()
        self.child.wait()


# ---- measuring ----

class Bench:
    def __init__(self, options):
        self.options, self.rows, self.notes = options, [], []
        self.load = os.path.join(options.target, "load")
        self.binary = os.path.join(options.target, "postroom")
        self.work = tempfile.mkdtemp(prefix="bench-", dir=options.work)
        os.chmod(self.work, 0o755)

    def count(self, messages):
        return max(20, int(messages * self.options.scale))

    def syncs(self):
        done = subprocess.run([self.load, "syncs", f"folder={self.work}", "seconds=1"], check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def round(self, peer, command, messages):
        peer.expect(messages)
        peak = Peak(peer.pids)
        peak.start()
        used, machine, begun = cpu(peer.pids), machine_cpu(), time.perf_counter()
        usage = os.times()
        done = subprocess.run(command(peer), capture_output=True, text=True)
        accepted = time.perf_counter() - begun
        if done.returncode:
            raise SystemExit(f"run.py: {command(peer)}: {done.stderr[-500:]}")
        wait_for(f"{peer.name} to have done everything", peer.drained, DRAIN_SECONDS_MAX)
        seconds, used = time.perf_counter() - begun, cpu(peer.pids) - used
        after = os.times()
        driver = after.children_user + after.children_system - usage.children_user - usage.children_system
        other = max(0.0, (machine_cpu() - machine - used - driver) / seconds)
        return dict(accepted=messages / accepted, done=messages / seconds, cpu=used / messages * 1000,
                    peak=peak.end(), other=other)

    def compare(self, group, case, peers, command, messages, sessions):
        """Rounds in turn for every peer; a row each."""
        before = self.syncs()
        rounds = {peer.name: [] for peer in peers}
        for number in range(self.options.rounds):
            for peer in peers:
                rounds[peer.name].append(self.round(peer, command, messages))
                print(f"{group} | {case} | {peer.name} | {number + 1}: "
                      + ", ".join(f"{key} {value:.2f}" for key, value in rounds[peer.name][-1].items()), flush=True)
        after = self.syncs()
        base = None
        for peer in reversed(peers):
            row = {key: statistics.median(one[key] for one in rounds[peer.name]) for key in rounds[peer.name][0]}
            row |= dict(group=group, case=case, peer=peer.name, messages=messages, rounds=self.options.rounds,
                        low=min(one["done"] for one in rounds[peer.name]), high=max(one["done"] for one in rounds[peer.name]),
                        syncs_before=before["overwriting_per_s"], syncs_after=after["overwriting_per_s"],
                        ceiling=sessions * min(before["overwriting_per_s"], after["overwriting_per_s"]))
            self.rows.append(row)
        base = {row["peer"]: row["done"] for row in self.rows if row["group"] == group and row["case"] == case}
        for row in self.rows:
            if row["group"] == group and row["case"] == case and row["peer"] != "Postroom" and "Postroom" in base:
                row["ratio"] = base["Postroom"] / row["done"]

    def source(self, sessions, messages, size, reuse):
        def command(peer):
            words = ["smtp-source", "-s", str(sessions), "-m", str(messages), "-l", str(size), "-f", "s@src.test",
                     "-t", "r@dst.test"]
            return words + (["-d"] if reuse else []) + [f"127.0.0.1:{peer.port}"]
        return command

    def driver(self, sessions, messages, size):
        return lambda peer: [self.load, "smtp", f"port={peer.port}", f"sessions={sessions}", f"messages={messages}",
                             f"size={size}", "from=s@src.test", "to=u{}@dst.test", "recipients=100"]

    def with_peers(self, makers, work):
        with contextlib.ExitStack() as stack:
            peers = []
            for make in makers:
                peer = make()
                stack.callback(peer.close)
                peers.append(peer)
            work(peers)

    def held(self):
        server = Postroom(self.work, self.binary)
        server.hold()
        return server

    def receive(self):
        cases = [("20 sessions, 1 KiB, reconnecting", 20, 5000, 1024, False), ("20 sessions, 1 KiB, reusing", 20, 5000, 1024, True),
                 ("20 sessions, 32 KiB, reconnecting", 20, 3000, 32768, False), ("20 sessions, 32 KiB, reusing", 20, 3000, 32768, True),
                 ("1 session, 1 KiB, reconnecting", 1, 1000, 1024, False)]
        for case, sessions, messages, size, reuse in cases:
            messages = self.count(messages)
            makers = [self.held, lambda: Peer(self.work, "Postfix, discard", "discard"), Sink]
            self.with_peers(makers, lambda peers: self.compare(
                "receive", case, peers, self.source(sessions, messages, size, reuse), messages, sessions))

    def relay(self):
        for case, messages, size in [("20 sessions, 1 KiB", 5000, 1024), ("20 sessions, 32 KiB", 3000, 32768)]:
            messages = self.count(messages)
            with contextlib.ExitStack() as stack:
                sink = Sink()
                stack.callback(sink.close)

                def ours():
                    server = Postroom(self.work, self.binary)
                    server.relay(sink.port)
                    return server
                self.with_peers([ours, lambda: Peer(self.work, "Postfix, relay", f"relay:{sink.port}")],
                                lambda peers: self.compare("relay", case, peers, self.source(20, messages, size, False), messages, 20))

    def local(self):
        messages = self.count(5000)
        with contextlib.ExitStack() as stack:
            dovecot = Dovecot(self.work)
            stack.callback(dovecot.close)

            def ours():
                server = Postroom(self.work, self.binary)
                server.mailboxes(100)
                return server

            def lmtp():
                peer = Peer(self.work, "Postfix, Dovecot LMTP", f"lmtp:{dovecot.port}")
                peer.pids += dovecot.pids
                return peer
            self.with_peers([ours, lambda: Peer(self.work, "Postfix, maildir", "maildir"), lmtp],
                            lambda peers: self.compare("local", "20 sessions, 1 KiB, 100 mailboxes", peers,
                                                       self.driver(20, messages, 1024), messages, 20))

    def trace(self):
        """With the day store, and with one that drops events; the spool records them both times."""
        without = self.binary + "-without-trace"
        if not os.path.exists(without):
            self.notes.append(f"Cost of the trace: not measured; there is no {os.path.basename(without)} (scripts/bench.sh builds it).")
            return
        messages = self.count(5000)

        def dropping():
            server = Postroom(self.work, without)
            server.hold()
            server.name = "Postroom, day store drops"
            return server
        self.with_peers([self.held, dropping], lambda peers: self.compare(
            "trace", "20 sessions, 1 KiB, reconnecting", peers, self.source(20, messages, 1024, False), messages, 20))

    def probe(self, server, case, count):
        words = [self.load, "probe", f"port={server.port}", f"socket={server.socket}", f"count={count}", "to=r@dst.test"]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"run.py: {done.stderr}")
        self.rows.append(dict(json.loads(done.stdout), group="latency", case=case, peer="Postroom"))
        print(f"latency | {case} | {done.stdout.strip()}", flush=True)

    def latency(self):
        with contextlib.closing(self.held()) as server:
            self.probe(server, "idle", self.count(500))
            load = subprocess.Popen(self.source(20, 10_000_000, 1024, False)(server), stderr=subprocess.DEVNULL)
            try:
                time.sleep(1)
                self.probe(server, "at full load, 20 sessions, 1 KiB", self.count(500))
            finally:
                load.kill()
                load.wait()

    def memory(self):
        queued = self.count(100_000)
        with contextlib.closing(self.held()) as server:
            row = dict(group="memory", case=f"{queued:,} messages of 4 KiB queued", peer="Postroom",
                       idle_mib=memory_mib(server.pids, "Rss:"))
            rates, part = [], queued // 10
            for _ in range(10):
                server.expect(part)
                begun = time.perf_counter()
                subprocess.run(self.source(20, part, 4096, True)(server), check=True)
                wait_for("an idle server", server.drained, DRAIN_SECONDS_MAX)
                rates.append(part / (time.perf_counter() - begun))
            row |= dict(queued_mib=memory_mib(server.pids, "Rss:"), first_tenth_per_s=rates[0], last_tenth_per_s=rates[-1])
            server.stop()
            drop_caches()
            row["start_s"] = server.start()
            row["started_mib"] = memory_mib(server.pids, "Rss:")
            self.rows.append(row)
            print(f"memory | {row}", flush=True)

    def start(self):
        """The spool alone, after a million messages have passed through."""
        example, folder = os.path.join(self.options.target, "examples/start"), os.path.join(self.work, "start")
        os.makedirs(folder)
        passed, queued = self.count(1_000_000), self.count(100_000)
        subprocess.run([example, "build", folder, str(passed), str(queued)], check=True, stdout=subprocess.DEVNULL)
        seconds = []
        for _ in range(self.options.rounds):
            drop_caches()
            begun = time.perf_counter()
            subprocess.run([example, "open", folder], check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - begun)
        self.rows.append(dict(group="start", case=f"{queued:,} of {passed:,} messages left", peer="spool",
                              start_s=statistics.median(seconds), low=min(seconds), high=max(seconds)))
        print(f"start | {self.rows[-1]}", flush=True)
        shutil.rmtree(folder)


def drop_caches():
    subprocess.run(["sync"], check=True)
    with open("/proc/sys/vm/drop_caches", "w") as caches:
        caches.write("3\n")


# ---- the page ----

THROUGHPUT = ["Case", "Server", "msg/s done [min–max]", "accepted/s", "Postroom is", "CPU s/1,000", "peak MiB", "other CPU",
              "fdatasync/s before, after", "ceiling/s"]
TITLES = {"receive": "Receive", "relay": "Receive and relay to smtp-sink", "local": "Local delivery", "trace": "Cost of the trace"}


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def page(bench, options):
    cpuinfo = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    memory = int(open("/proc/meminfo").readline().split()[1]) // 1048576
    versions = subprocess.run(["postconf", "-h", "mail_version"], capture_output=True, text=True).stdout.strip()
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    text = [f"### {time.strftime('%F %H:%M')} UTC, commit {commit}", "",
            f"{len(cpuinfo)} cores ({cpuinfo[0] if cpuinfo else platform.machine()}), {memory} GiB, Linux {platform.release()}; "
            f"Postfix {versions}. Medians of {options.rounds} rounds"
            + (f", counts × {options.scale:g}: a first look, not a result." if options.scale != 1 else ".")
            + f" `make bench{' ONLY=' + options.only if options.only else ''}`", ""]
    for group, title in TITLES.items():
        rows = [row for row in bench.rows if row["group"] == group]
        if rows:
            rows.sort(key=lambda row: (row["case"], not row["peer"].startswith("Postroom"), row["peer"]))
            text += [f"**{title}**", ""] + table(THROUGHPUT, [[
                row["case"], row["peer"], f"{row['done']:,.0f} [{row['low']:,.0f}–{row['high']:,.0f}]", f"{row['accepted']:,.0f}",
                f"{row['ratio']:.2f}×" if "ratio" in row else "", f"{row['cpu']:.2f}", f"{row['peak']:.0f}", f"{row['other']:.2f}",
                f"{row['syncs_before']:,.0f}, {row['syncs_after']:,.0f}", f"{row['ceiling']:,.0f}"] for row in rows])
    rows = [row for row in bench.rows if row["group"] == "latency"]
    if rows:
        text += ["**From the 250 to the row in a search**", ""] + table(
            ["Case", "p50 ms", "p99 ms", "most ms"],
            [[row["case"], f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}", f"{row['max_ms']:.1f}"] for row in rows])
    for row in (row for row in bench.rows if row["group"] == "memory"):
        text += ["**Memory, queue length, start of the server from a cold cache**", ""] + table(
            ["Case", "RSS idle MiB", "RSS queued MiB", "first tenth/s", "last tenth/s", "start s", "RSS after start MiB"],
            [[row["case"], f"{row['idle_mib']:.0f}", f"{row['queued_mib']:.0f}", f"{row['first_tenth_per_s']:,.0f}",
              f"{row['last_tenth_per_s']:,.0f}", f"{row['start_s']:.2f}", f"{row['started_mib']:.0f}"]])
    for row in (row for row in bench.rows if row["group"] == "start"):
        text += [f"**Opening the spool from a cold cache**: {row['case']}: {row['start_s']:.2f} s [{row['low']:.2f}–{row['high']:.2f}]", ""]
    return "\n".join(text + [note + "\n" for note in bench.notes])


MARK = "<!-- newest run first; written by benches/run.py -->\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--out")
    parser.add_argument("--json")
    parser.add_argument("--work", default="/var/tmp")
    options = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("run.py: Postfix's master must be started by root")
    groups = ["receive", "relay", "local", "trace", "latency", "memory", "start"]
    chosen = options.only.split(",") if options.only else groups
    if unknown := set(chosen) - set(groups):
        raise SystemExit(f"run.py: unknown: {', '.join(unknown)}; there are {', '.join(groups)}")
    bench = Bench(options)
    try:
        for group in chosen:
            try:
                getattr(bench, group)()
            except (SystemExit, subprocess.CalledProcessError) as error:
                # What was measured before is kept.
                bench.notes.append(f"{group}: broken off: {error}")
                print(bench.notes[-1], file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)
    text = page(bench, options)
    print(text)
    if options.json:
        with open(options.json, "w") as out:
            json.dump(bench.rows, out, indent=1)
    if options.out:
        old = open(options.out).read() if os.path.exists(options.out) else MARK
        head, _, rest = old.partition(MARK)
        with open(options.out, "w") as out:
            out.write(head + MARK + "\n" + text + rest)
    if any("broken off" in note for note in bench.notes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
