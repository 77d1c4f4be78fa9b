"""What the explorer's server sends to whom: files of the page, to requests for this machine."""

from __future__ import annotations

import gzip
import re
import socket

import pytest
from explorer_server import TOKEN, running, small_data, small_page

from toolkit.explorer.server.run import listening

pytest.importorskip("uvicorn")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("explorer")


@pytest.fixture(scope="module")
def page(folder):
    return small_page(folder)


@pytest.fixture(scope="module")
def service(folder, page):
    with running(page, small_data(folder)) as service:
        yield service


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_the_page_carries_the_token_and_is_not_kept(service, page, path):
    reply = service.ask("GET", path, token=None)
    assert reply.status == 200
    text = reply.body.decode()
    meta = f'<meta name="plrep-token" content="{TOKEN}">\n'
    assert text.replace(meta, "") == (page.root / "index.html").read_text()
    assert text.count(meta) == 1
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/js/main.js", "/no-such.js", "/api/jobs"])
def test_every_reply_has_the_security_headers(service, path):
    headers = service.ask("GET", path, token=None).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_files_are_compressed_for_those_who_can_read_it(service, page):
    plain = service.ask("GET", "/js/main.js", token=None)
    assert plain.body == (page.root / "js" / "main.js").read_bytes()
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    packed = service.ask("GET", "/js/main.js", token=None, Accept_Encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 4
    assert packed.headers["etag"] != plain.headers["etag"]
    refused = service.ask("GET", "/js/main.js", token=None, Accept_Encoding="gzip;q=0")
    assert "content-encoding" not in refused.headers


def test_what_has_not_changed_is_not_sent_again(service, page):
    tag = service.ask("GET", "/js/main.js", token=None).headers["etag"]
    again = service.ask("GET", "/js/main.js", token=None, If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    (page.root / "js" / "main.js").write_text("export const words = 'others';\n" * 90)
    changed = service.ask("GET", "/js/main.js", token=None, If_None_Match=tag)
    assert (changed.status, b"others" in changed.body) == (200, True)
    packed = service.ask("GET", "/js/main.js", token=None, Accept_Encoding="gzip")
    assert gzip.decompress(packed.body) == changed.body


def test_shards_are_sent_as_they_are(service, folder):
    name = "shards/0000.json.gz"
    reply = service.ask("GET", f"/data/{name}", token=None, Accept_Encoding="gzip")
    assert reply.body == (folder / "data" / name).read_bytes()
    assert reply.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in reply.headers


@pytest.mark.parametrize(
    "path",
    [
        "/js/notes.py",
        "/.hidden.js",
        "/link.js",
        "/../outside.js",
        "/js/../../outside.js",
        "/%2e%2e/outside.js",
        "/js/%2e%2e/%2e%2e/outside.js",
        "/..%2foutside.js",
        "/..%5coutside.js",
        "/js//main.js",
        "//js/main.js",
        "/js/main.js/",
        "/js",
        "/js/main.js%00",
        "/data/../page/js/main.js",
        "/data/%2e%2e/outside.js",
        "/data/",
        "/data",
        "/x" * 3000,
    ],
)
def test_no_other_file_is_sent(service, path):
    reply = service.ask("GET", path, token=None)
    assert reply.status == 404
    assert b"SECRET" not in reply.body
    assert re.fullmatch(r"[a-z ]+", reply.json["error"])


def test_there_may_be_no_data(tmp_path):
    with running(small_page(tmp_path)) as service:
        reply = service.ask("GET", "/data/manifest.json", token=None)
    assert (reply.status, reply.json["error"]) == (
        404,
        "this installation has no bundled data of the explorer",
    )


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_the_names_of_this_machine_are_answered(service, name):
    assert service.ask("GET", "/", Host=f"{name}:{service.port}").status == 200


@pytest.mark.parametrize(
    "host",
    ["example.org", "example.org:{port}", "localhost", "localhost:1", "127.0.0.1.example:{port}",
     "127.0.0.2:{port}", "0.0.0.0:{port}", "localhost:{port}@example.org", "localhost.:{port}", ""],
)  # fmt: skip
def test_other_hosts_are_refused(service, host):
    reply = service.ask("GET", "/", Host=host.format(port=service.port))
    assert reply.status == 421
    assert reply.json["error"].startswith(
        f"this server answers requests for 127.0.0.1:{service.port}"
    )
    assert TOKEN.encode() not in reply.body


def test_two_hosts_are_refused(service):
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        here = f"127.0.0.1:{service.port}"
        connection.sendall(
            f"GET / HTTP/1.1\r\nHost: {here}\r\nHost: {here}\r\nConnection: close\r\n\r\n".encode()
        )
        assert connection.makefile("rb").readline().split()[1] in (b"400", b"421")


@pytest.mark.parametrize(
    "origin", ["http://example.org", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "null"]
)
@pytest.mark.parametrize("path", ["/", "/api/jobs/x"])
def test_other_origins_are_refused(service, origin, path):
    reply = service.ask("GET", path, Origin=origin.format(port=service.port))
    assert reply.status == 403
    assert "only its own page" in reply.json["error"]


def test_its_own_origin_is_answered(service):
    own = f"http://localhost:{service.port}"
    assert service.ask("GET", "/", Origin=own).status == 200
    assert service.ask("GET", "/api/jobs/x", Origin=own).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_files_are_only_read(service, method):
    reply = service.ask(method, "/js/main.js")
    assert reply.status == 405
    assert reply.json["error"] == "this address does not support this method"


def test_only_the_loopback_address_listens(service):
    others = {
        info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    } - {"127.0.0.1"}
    for address in others:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, service.port), timeout=5).close()


def test_small_replies_are_sent_at_once():
    """Asyncio sets TCP_NODELAY on sockets that are named as TCP only."""
    with listening(0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/api/jobs", "//api/jobs", "/api//jobs", "/API/jobs", "/api/jobs/"],
)
def test_no_spelling_of_the_address_goes_round_the_token(service, target):
    body = b'{"kind": "record", "group": "say x"}'
    reply = service.ask("POST", target.format(port=service.port), body, token=None)
    assert reply.status in (403, 404, 405)


def test_what_is_no_request_is_refused_without_a_word_on_the_terminal(service, capfd):
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
        assert connection.makefile("rb").readline().split()[1] == b"400"
    assert capfd.readouterr().err == ""
