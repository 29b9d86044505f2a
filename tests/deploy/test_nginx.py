"""The very file of the proxy, filled in as its image does, before a real app: what gets through and what does not."""

import gzip
import http.client
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.sync.client import connect

from bench.server import HOST, free_port, served
from geo.web_assets import library_address

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
MAIN = """{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
daemon off;
events {{ }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/jiqun.conf;
}}
"""
NGINX = shutil.which("nginx", path=os.environ["PATH"] + os.pathsep + "/usr/sbin")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the proxy of the service runs on Linux")


@dataclass(frozen=True)
class Proxy:
    """Where it listens, whom it trusts, and what it wrote."""

    plain: int
    port: int
    app: str
    trust: ssl.SSLContext
    folder: Path

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> "Answer":
        connection = http.client.HTTPSConnection(HOST, self.port, context=self.trust, timeout=60)
        return _ask(connection, path, method, body, headers)

    def log(self) -> str:
        return (self.folder / "access.log").read_text("utf-8")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def _ask(
    connection: http.client.HTTPConnection, path: str, method: str, body: bytes | None, headers: dict[str, str]
) -> Answer:
    with closing(connection):
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        try:
            if body:
                connection.send(body)
        except OSError:  # refused by its length, before all of it was sent
            pass
        with connection.getresponse() as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    assert NGINX is not None, "make nginx brings it"
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=jiqun.test",
               "-addext", f"subjectAltName=IP:{HOST}", "-keyout", folder / "key.pem",
               "-out", folder / "fullchain.pem"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    plain, port = free_port(), free_port()
    home = tmp_path_factory.mktemp("home")
    with served(["cli.py", "serve", "--port", "{port}"], JIQUN_HOME=str(home), JIQUN_LOG_FORMAT="json") as (app, _):
        filled = {
            "JIQUN_UPSTREAM": app.removeprefix("http://"),
            "JIQUN_SERVER_NAME": "_",
            "JIQUN_HTTP_LISTEN": f"{HOST}:{plain}",
            "JIQUN_HTTPS_LISTEN": f"{HOST}:{port}",
            "JIQUN_TLS": str(folder),
        }
        conf = re.sub(r"\$\{(JIQUN_\w+)\}", lambda m: filled[m[1]], TEMPLATE.read_text("utf-8"))
        (folder / "jiqun.conf").write_text(conf.replace("/dev/stdout", str(folder / "access.log")), "utf-8")
        (folder / "nginx.conf").write_text(
            MAIN.format(folder=folder, user="user root;" if os.geteuid() == 0 else ""), "utf-8"
        )
        line = [NGINX, "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log"]
        tested = subprocess.run([*line, "-t"], capture_output=True, text=True, check=False)
        assert tested.returncode == 0, tested.stderr
        with subprocess.Popen(line) as nginx:
            try:
                found = Proxy(plain, port, app, ssl.create_default_context(cafile=folder / "fullchain.pem"), folder)
                _until_it_answers(found)
                yield found
            finally:
                nginx.terminate()


def _until_it_answers(proxy: Proxy) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if proxy.ask("/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail((proxy.folder / "error.log").read_text())


def test_pages_libraries_and_tiles_come_through_with_hsts(proxy: Proxy) -> None:
    for path in ("/", library_address("leaflet"), "/tiles/firms/10/837/446.png", "/healthz"):
        answer = proxy.ask(path)
        assert answer.status == 200, path
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert answer.headers["server"] == "nginx"
    plain = _ask(
        http.client.HTTPConnection(HOST, proxy.plain, timeout=60), "/map?year=2021", "GET", None, {"Host": "a.cn"}
    )
    assert (plain.status, plain.headers["location"]) == (301, "https://a.cn/map?year=2021")


CLOSED = ("/_stcore/metrics", "/_stcore/health", "/_stcore/script-health-check", "/readyz")


@pytest.mark.parametrize("path", CLOSED)
def test_what_is_for_machines_of_ours_is_closed_however_it_is_written(proxy: Proxy, path: str) -> None:
    first, last = path[1], path[-1]
    for written in (path, f"{path}/", f"{path}?x=1", f"/{path}", f"/x/..{path}", f"/%{ord(first):02x}{path[2:]}",
                    f"{path[:-1]}%{ord(last):02x}", path.replace("/", "//")):  # fmt: skip
        answer = proxy.ask(written)
        assert answer.status == 404, written
        assert b"nginx" in answer.body  # the app was not asked
    inside = _ask(http.client.HTTPConnection(proxy.app.removeprefix("http://"), timeout=60), path, "GET", None, {})
    assert inside.status == 200  # or there would be nothing to close


def test_a_page_s_connection_goes_through_and_a_foreign_one_does_not(proxy: Proxy) -> None:
    address = f"wss://{HOST}:{proxy.port}/_stcore/stream"
    with connect(address, ssl=proxy.trust, origin=f"https://{HOST}:{proxy.port}", subprotocols=["streamlit"]) as page:
        page.send(b"\x5a\x00")  # asks for a run of the page
        assert page.recv(60)
    with pytest.raises(Exception, match="403"), connect(address, ssl=proxy.trust, origin="https://elsewhere.example"):
        pass


def test_bodies_have_a_most_length_and_files_have_another(proxy: Proxy) -> None:
    upload = "/_stcore/upload_file/s3cret-session/file"
    assert proxy.ask("/tour/seen", "POST", b"0" * (1 << 20) + b"0").status == 413
    assert proxy.ask(upload, "PUT", b"0" * (2 << 20)).status == 404  # the app's answer: nobody has this page open
    too_large = http.client.HTTPSConnection(HOST, proxy.port, context=proxy.trust, timeout=60)
    with closing(too_large):
        too_large.putrequest("PUT", upload)
        too_large.putheader("Content-Length", str(202 << 20))
        too_large.endheaders()
        assert too_large.getresponse().status == 413


def test_the_app_is_told_who_asks_and_the_log_keeps_no_secret(proxy: Proxy) -> None:
    answer = proxy.ask("/healthz?code=s3cret", X_Request_ID="mine", X_Forwarded_For="1.2.3.4")
    request_id = answer.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    proxy.ask("/_stcore/upload_file/s3cret-session/file", "PUT", b"x")
    assert request_id in proxy.log()
    assert "s3cret" not in proxy.log()
    assert '"path":"/healthz","status":200' in proxy.log()


def test_texts_are_packed_and_pictures_are_left(proxy: Proxy) -> None:
    packed = proxy.ask(library_address("leaflet"), Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(packed.body)) > 2 * len(packed.body)
    assert "content-encoding" not in proxy.ask("/tiles/firms/10/837/446.png", Accept_Encoding="gzip").headers


def test_a_flood_is_told_to_wait_and_a_page_s_many_files_are_not(proxy: Proxy) -> None:
    uploads = [proxy.ask("/_stcore/upload_file/a/b", "PUT", b"x").status for _ in range(40)]
    assert 429 in uploads
    assert {proxy.ask(library_address("leaflet_css")).status for _ in range(100)} == {200}
