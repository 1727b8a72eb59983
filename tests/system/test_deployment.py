"""The files in deploy/: nginx in front of two services for real, units and images as far as one can read."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from kb.config import Settings
from tests.support.api import REPOSITORY
from tests.support.ports import free_port
from tests.support.server import Server, running_server
from tests.support.waiting import PATIENCE, eventually

DEPLOY = REPOSITORY / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")

USER = "user root;" if os.getuid() == 0 else ""
"""Who reads the folder of a test, which is its owner's alone."""

MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
}}
"""


class Answer(NamedTuple):
    status: int
    kind: str
    body: bytes


def _ask(port: int, path: str, body: bytes | None = None, **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, names)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return Answer(response.status, response.headers["Content-Type"], response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers["Content-Type"], error.read())


def _http_part(ports: list[int], port: int, locations: Path) -> str:
    """The proxy's configuration of the compose file, with addresses of this machine."""
    text = (DEPLOY / "nginx" / "compose.conf").read_text("utf-8")
    for number, upstream in enumerate(ports, 1):
        text = text.replace(f"kb-{number}:8000", f"127.0.0.1:{upstream}")
    return text.replace("listen 8080", f"listen 127.0.0.1:{port}").replace(
        "/etc/nginx/kb-locations.conf", str(locations)
    )


@contextmanager
def _running_nginx(folder: Path, ports: list[int]) -> Iterator[int]:
    assert NGINX is not None
    port = free_port()
    http = _http_part(ports, port, DEPLOY / "nginx" / "locations.conf")
    (folder / "nginx.conf").write_text(MAIN.format(user=USER, folder=folder, http=http), "utf-8")
    process = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])

    def is_up() -> bool:
        try:
            return _ask(port, "/api/v1/health/live").status == 200
        except OSError:
            return False

    try:
        eventually(is_up, lambda: (folder / "error.log").read_text("utf-8"))
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.slow
@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_serves_what_two_services_answer_also_when_one_is_killed(
    installed: Path, tmp_path: Path
) -> None:
    with (
        running_server(installed, KB_PROXIES="1") as first,
        running_server(installed, KB_PROXIES="1") as second,
        _running_nginx(tmp_path, [first.port, second.port]) as port,
    ):
        token = _token(first, second)
        table = _ask(port, "/api/v1/incidents.csv", X_Forwarded_Host="evil.example")
        assert f"http://127.0.0.1:{port}/".encode() in table.body
        assert b"evil.example" not in table.body
        assert _ask(port, "/metrics", Authorization=f"Bearer {token}").status == 404
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        refused = _ask(port, "/api/v1/incidents", b"[" + b" " * 2_000_000 + b"]", **headers)
        assert (refused.status, refused.kind) == (413, "application/problem+json")
        second.stop(signal.SIGKILL)
        assert [_ask(port, "/api/v1/incidents/1").status for _ in range(20)] == [200] * 20
        second.start()
        assert {_ask(port, "/api/v1/health/ready").status for _ in range(20)} == {200}


def _token(*servers: Server) -> str:
    (token,) = [line.strip() for server in servers for line in server.output]
    return token


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_takes_the_configuration_for_several_machines(tmp_path: Path) -> None:
    certificate = tmp_path / "kb.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kb"),
            *("-keyout", str(certificate.with_suffix(".key")), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    text = (DEPLOY / "nginx" / "kb.conf").read_text("utf-8").replace("/etc/nginx/tls", str(tmp_path))
    text = text.replace("/etc/nginx/kb-locations.conf", str(DEPLOY / "nginx" / "locations.conf"))
    (tmp_path / "nginx.conf").write_text(MAIN.format(user=USER, folder=tmp_path, http=text), "utf-8")
    command = [str(NGINX), "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("name", ["kb.service", "kb-backup.service", "kb-backup.timer"])
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    """With a program that exists in the place of that of the installation."""
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text("utf-8").replace("/srv/kb/.venv/bin/kb", "/bin/true")
        (tmp_path / unit.name).write_text(text, "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in checked.stderr.splitlines() if "kb" in line]
    assert (checked.returncode, said) == (0, [])


def test_every_setting_of_the_files_exists() -> None:
    known = {f"KB_{field.name.upper()}" for field in fields(Settings)} | {"KB_DATABASE_PASSWORD"}
    named = {
        name
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for name in re.findall(r"\bKB_[A-Z_]+", path.read_text("utf-8"))
    }
    assert named
    assert named <= known


def test_the_driver_is_pinned_as_for_the_tests() -> None:
    tested = (REPOSITORY / "requirements-dev.txt").read_text("utf-8").splitlines()
    pinned = (DEPLOY / "requirements-postgres.txt").read_text("utf-8").splitlines()
    assert any(line.startswith("psycopg[binary]==") for line in pinned)
    assert {*pinned} <= {*tested}


def test_the_compose_file_mounts_files_that_exist_and_gives_each_machine_a_folder_of_its_own() -> None:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    machines = [name for name in services if re.fullmatch(r"kb-\d", name)]
    folders = [json.dumps(services[name]["volumes"]) for name in machines]
    assert len(machines) == len({*folders}) == 2
    for mount in services["proxy"]["volumes"]:
        assert (DEPLOY / mount.split(":")[0]).is_file(), mount
    assert (DEPLOY / services["kb-1"]["build"]["context"] / services["kb-1"]["build"]["dockerfile"]).is_file()


def test_the_image_copies_what_the_ignore_file_lets_through() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    copied = {path for line in lines for path in line.split()}
    assert copied == let_through
    assert all((REPOSITORY / path).exists() for path in copied)
