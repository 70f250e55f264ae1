"""Messages that two parsers may read differently (RFC 9112 section 11.2), each with a request hidden in or after them.

CASES: (name, message), where the bytes HIDDEN in a message stand for the hidden request, and GATE for the credentials of the
message itself. What has no HIDDEN gets it at its end, where a server that goes on reading takes it for the next request.
HARMLESS: the same, of right messages.
"""
HIDDEN, TARGET, GATE = b"<hidden>", b"<target>", b"<gate>"


def head(fields, line=b"PUT <target> HTTP/1.1", end=b"\r\n"):
    return line + end + b"Host: <host>" + end + GATE + end + fields + end + end


def chunked(body, fields=b"Transfer-Encoding: chunked"):
    return head(fields) + body


def length(value):
    return head(b"Content-Length: " + value) + b"abcde"


def encoding(line):
    return [(line.decode("latin-1").strip(), head(line + b"\r\nX: y") + b"0\r\n\r\n"),
            (line.decode("latin-1").strip() + ", and a length over the hidden request",
             head(b"Content-Length: <length>\r\n" + line) + b"0\r\n\r\n" + HIDDEN)]


LENGTHS = [(f"Content-Length: {value!r}", length(value)) for value in (
    b"+5", b"-5", b"-0", b"0x5", b"5 5", b"5,5", b"5, 5", b"5, 6", b"5;", b"5.0", b"five", b"", b",5", b"5,", b"\x0b5", b"5\x00",
    b"18446744073709551621", b"9223372036854775808", b"99999999999999999999999999", b'"5"', b"5e0", "５".encode(), b"\xb2", b"5\xa0", b"1_0")]

TWO_LENGTHS = [
    ("two lengths, 0 first", head(b"Content-Length: 0\r\nContent-Length: <length>") + HIDDEN),
    ("two lengths, 0 last", head(b"Content-Length: <length>\r\nContent-Length: 0") + HIDDEN),
    ("two equal lengths", head(b"Content-Length: 5\r\nContent-Length: 5") + b"abcde"),
    ("lengths in two spellings", head(b"Content-Length: <length>\r\ncontent-length: 0") + HIDDEN),
    ("list of lengths", head(b"Content-Length: 0, <length>") + HIDDEN)]

ENCODINGS = sum((encoding(line) for line in (
    b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunkedx", b"Transfer-Encoding: identity", b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: identity, chunked", b"Transfer-Encoding: ,chunked", b"Transfer-Encoding: chunked,",
    b"Transfer-Encoding: \"chunked\"", b"Transfer-Encoding: 'chunked'", b"Transfer-Encoding: chunked;q=1",
    b"Transfer-Encoding: chunked;", b"Transfer-Encoding: chun ked", b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding: chunked\x0b", b"Transfer-Encoding: \x00chunked", b"Transfer-Encoding: chunked\x00",
    b"Transfer-Encoding: \xffchunked", b"Transfer-Encoding:", b"Transfer-Encoding : chunked", b"Transfer-Encoding\t: chunked",
    b" Transfer-Encoding: chunked", b"\tTransfer-Encoding: chunked", b"Transfer-Encoding:\r\n chunked",
    b"Transfer-Encoding\r\n : chunked", b"X: y\rTransfer-Encoding: chunked", b"X: y\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: \xc4\x8dhunked",
    b"Transfer Encoding: chunked", b"Transfer-Encoding\x00: chunked", b"Transfer-Encod\xc3\xacng: chunked",
    b"Transfer-Encoding: \xef\xbb\xbfchunked", b"Transfer-Encoding: chunked\xa0", b"Transfer-Encoding: trailers, chunked", b"Transfer-Encoding:\x0cchunked",
    b"Transfer-Encoding: chunked\r", b"Transfer-Encoding: chun\r\n ked", b"X: y\r\n Transfer-Encoding: chunked",
    b"\x00Transfer-Encoding: chunked", b": chunked", b"Transfer-Encoding chunked")), []) + [
        ("length and chunked", head(b"Content-Length: <length>\r\nTransfer-Encoding: chunked") + b"0\r\n\r\n" + HIDDEN),
        ("chunked and length", head(b"Transfer-Encoding: chunked\r\nContent-Length: <length>") + b"0\r\n\r\n" + HIDDEN),
        ("chunked and a short length", head(b"Transfer-Encoding: chunked\r\nContent-Length: 4") + b"<hex>\r\n" + HIDDEN + b"\r\n0\r\n\r\n"),
        ("chunked in HTTP/1.0", head(b"Connection: keep-alive\r\nTransfer-Encoding: chunked", b"PUT <target> HTTP/1.0") + b"0\r\n\r\n"),
        ("chunked in HTTP/1.0 with a length", head(b"Connection: keep-alive\r\nContent-Length: <length>\r\nTransfer-Encoding: chunked",
                                                   b"PUT <target> HTTP/1.0") + b"0\r\n\r\n" + HIDDEN)]

LINES = [
    ("folded field", head(b"X: a\r\n b")), ("folded by a tab", head(b"X: a\r\n\tb")),
    ("folded first field", b"PUT <target> HTTP/1.1\r\n Host: <host>\r\n" + GATE + b"\r\n\r\n"),
    ("folded length", head(b"Content-Length: 0\r\n 5") + b"abcde"),
    ("line feeds only", head(b"Content-Length: 0", end=b"\n")),
    ("a line feed after the request line", b"PUT <target> HTTP/1.1\nHost: <host>\r\n" + GATE + b"\r\nContent-Length: 0\r\n\r\n"),
    ("a line feed after a field", head(b"X: y\nContent-Length: 0")), ("a line feed ends the head", head(b"Content-Length: 0")[:-2] + b"\n"),
    ("carriage returns only", head(b"Content-Length: 0", end=b"\r") + b"\r\n\r\n"), ("carriage return in a value", head(b"X: a\rb")),
    ("two carriage returns", head(b"X: a\r")), ("NUL in a value", head(b"X: a\0b")), ("NUL in a name", head(b"X\0: a")),
    ("NUL in the target", head(b"X: y", b"GET <target>\0a HTTP/1.1")), ("NUL in the method", head(b"X: y", b"GE\0T <target> HTTP/1.1")),
    ("space before the colon", head(b"Content-Length : 5") + b"abcde"), ("tab before the colon", head(b"Content-Length\t: 5") + b"abcde"),
    ("field without a colon", head(b"Content-Length")), ("empty name", head(b": a")), ("quotes in a name", head(b'"X": a')),
    ("brackets in a name", head(b"X(y): a")), ("slash in a name", head(b"X/y: a")), ("non-ASCII name", head(b"X\xc3\xa4: a")),
    ("control character in a value", head(b"X: a\x01b")), ("DEL in a value", head(b"X: a\x7fb")),
    ("space in the target", head(b"X: y", b"GET <target> a HTTP/1.1")), ("tab in the target", head(b"X: y", b"GET <target>\ta HTTP/1.1")),
    ("two spaces", head(b"X: y", b"GET  <target> HTTP/1.1")), ("tabs for spaces", head(b"X: y", b"GET\t<target>\tHTTP/1.1")),
    ("space after the version", head(b"X: y", b"GET <target> HTTP/1.1 ")), ("raw UTF-8 target", head(b"X: y", "GET <target>/ä HTTP/1.1".encode())),
    ("raw Latin-1 target", head(b"X: y", b"GET <target>/\xe4 HTTP/1.1")), ("raw fragment", head(b"X: y", b"GET <target>#a HTTP/1.1")),
    ("method with brackets", head(b"X: y", b"G(E)T <target> HTTP/1.1")), ("no method", head(b"X: y", b" <target> HTTP/1.1")),
    ("space before the request line", head(b"X: y", b" GET <target> HTTP/1.1")),
    ("blanks before the request line", b" \r\n" + head(b"X: y")), ("a line feed before the request line", b"\n" + head(b"X: y")),
    ("three line ends before the request line", b"\r\n" * 3 + head(b"X: y")), ("blanks after the request line", head(b"X: y", b"GET <target> HTTP/1.1\r\n ")),
    ("two spaces before the version", head(b"X: y", b"GET <target>  HTTP/1.1")), ("a byte order mark", head(b"X: y", b"\xef\xbb\xbfGET <target> HTTP/1.1")),
    ("quoted method", head(b"X: y", b'"GET" <target> HTTP/1.1')), ("method with a colon", head(b"X: y", b"GET: <target> HTTP/1.1")),
    ("no target", head(b"X: y", b"GET HTTP/1.1")), ("a method alone", head(b"X: y", b"GET")), ("carriage return in the target", head(b"X: y", b"GET <target>\r HTTP/1.1")),
    ("DEL in the target", head(b"X: y", b"GET <target>\x7f HTTP/1.1")), ("DEL in a name", head(b"X\x7f: a")), ("space in a name", head(b"X Y: a")),
    ("too many fields", head(b"\r\n".join(b"X-%d: a" % n for n in range(300)))), ("a head of 70 KiB", head(b"X: " + b"a" * 70_000)),
    ("a target of 9 KiB", head(b"X: y", b"GET <target>" + b"a" * 9000 + b" HTTP/1.1")), ("preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("request line of blanks", head(b"X: y", b"   ")), ("CONNECT", head(b"X: y", b"CONNECT <host> HTTP/1.1")), ("TRACE", head(b"X: y", b"TRACE <target> HTTP/1.1"))]

VERSIONS = [("HTTP/0.9", b"GET <target>\r\n\r\n"), ("HTTP/0.9 without an empty line", b"GET <target>\r\n")] + [
    (version.decode(), head(b"X: y", b"GET <target> " + version))
    for version in (b"HTTP/0.9", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/11", b"HTTP/1.10", b"HTTP/1.", b"HTTP/ 1.1", b"http/1.1", b"HTTP/+1.1", b"HTTP/1,1", b"HTTPS/1.1", b"1.1", b"HTTP/0.0", b"HTTP/1.9", b"HTTP/3.0", b"HTTP/9.9", b"HTTP/1", b"HTTP 1.1", b"TTP/1.1", b"HTTP/x.y")]

HOSTS = [
    ("no host", b"GET <target> HTTP/1.1\r\n" + GATE + b"\r\n\r\n"), ("two hosts", head(b"Host: other")), ("the same host twice", head(b"Host: <host>"))] + [
    (f"host {host!r}", b"GET <target> HTTP/1.1\r\nHost: " + host + b"\r\n" + GATE + b"\r\n\r\n")
    for host in (b"", b"a b", b"a, b", b"a/b", b"a@b", b"a:b", b"a:99999", b"[::1", b"a\\b", b"a?b", b"a#b", b"h\xc3\xa4", b"a\0b", b"http://a", b"a:1:2", b"[x]", b"%61")] + [
    (f"absolute form: {target!r}", head(b"X: y", b"GET " + target + b" HTTP/1.1"))
    for target in (b"http://other<target>", b"http://other:1<target>", b"http://<host>@other<target>", b"http://other@<host><target>", b"ftp://<host><target>",
                   b"http:<target>", b"http:///a", b"http://", b"<host>", b"other:80", b"a", b"*", b"<target>:a b")]

CHUNKS = [(f"chunk line {line!r}", chunked(line + b"\r\n" + data + b"\r\n0\r\n\r\n")) for line, data in (
    (b"+3", b"abc"), (b"-3", b"abc"), (b"-1", b""), (b"0x3", b"abc"), (b"3h", b"abc"), (b"x", b"abc"), (b"", b"abc"), (b" 3", b"abc"), (b"\t3", b"abc"),
    (b"3 3", b"abc"), (b"3,3", b"abc"), (b"3.0", b"abc"), (b"0_3", b"abc"), (b"10000000000000003", b"abc"), (b"ffffffffffffffff3", b"abc"),
    (b"100000003\x00", b"abc"), (b"0" * 20000 + b"3", b"abc"), (b"3\x00", b"abc"), (b"3\x0b", b"abc"), (b"3;\x00", b"abc"), (b"3;a=\x01", b"abc"),
    (b"3;a=\"b", b"abc"), (b"3;a=\"\n\"", b"abc"), (b"3;a\nb", b"abc"), (b"3;a\rb", b"abc"), (b"3;a=" + b"b" * 5000, b"abc"), (b"3=a", b"abc"),
    ("３".encode(), b"abc"), (b"3 ", b"abc"), (b"3\t", b"abc"), (b";a=b", b"abc"), (b"3;", b"abc"), (b"3 a", b"abc"), (b"3;a=\"\r\n\"", b"abc"), (b"3;a=\"\x01\"", b"abc"),
    (b"f" * 40, b"abc"), (b"0" * 20 + b"10000000000000003", b"abc"), (b"-0", b""), (b"3", b"abcd"), (b"3", b"ab"))] + [
    ("line feed ends a size", chunked(b"3\nabc\r\n0\r\n\r\n")), ("line feed after data", chunked(b"3\r\nabc\n0\r\n\r\n")),
    ("nothing after data", chunked(b"3\r\nabc0\r\n\r\n")), ("carriage return ends a size", chunked(b"3\rabc\r\n0\r\n\r\n")),
    ("LF CR ends a size", chunked(b"3\n\rabc\r\n0\r\n\r\n")), ("two other bytes after data", chunked(b"3\r\nabcXX0\r\n\r\n")), ("carriage return after data", chunked(b"3\r\nabc\r0\r\n\r\n")),
    ("CR LF LF ends the body", chunked(b"0\r\n\n")), ("CR LF CR ends the body", chunked(b"0\r\n\r")), ("a hidden request for trailers", chunked(b"0\r\n" + HIDDEN)),
    ("line feed ends the last size", chunked(b"0\n\r\n")), ("line feeds end the body", chunked(b"0\n\n")),
    ("carriage return in the end", chunked(b"0\r\n\rx\r\n")), ("a hidden request as extension", chunked(b"3;\n" + HIDDEN + b"\r\nabc\r\n0\r\n\r\n")),
    ("a size that wraps round", chunked(b"10000000000000000\r\n" + HIDDEN + b"\r\n0\r\n\r\n")),
    ("a size that ends before the hidden request", chunked(b"3\r\nabc\r\n0\n\r\n" + HIDDEN + b"\r\n0\r\n\r\n"))]

TRAILERS = [(f"trailer {line!r}"[:60], chunked(b"0\r\n" + line + b"\r\n\r\n")) for line in (
    b"A: b\r\n c", b"A: b\nC: d", b"A: b\rC: d", b"A b", b"A : b", b": b", b"A\0: b", b"A: \0", b"A: " + b"b" * 9000, b"\xc3\xa4: b", b" A: b",
    b"Content-Length: 5", b"Transfer-Encoding: chunked")]

CASES = LENGTHS + TWO_LENGTHS + ENCODINGS + LINES + VERSIONS + HOSTS + CHUNKS + TRAILERS

# Right messages with the hidden request inside: a body and nothing else, for everyone.
HARMLESS = [
    ("a length", head(b"Content-Length: <size>") + HIDDEN), ("a length with zeros before it", head(b"Content-Length: 000<size>") + HIDDEN),
    ("a chunk", chunked(b"<hex>\r\n" + HIDDEN + b"\r\n0\r\n\r\n")), ("a size with zeros before it", chunked(b"0000000<hex>\r\n" + HIDDEN + b"\r\n0\r\n\r\n")),
    ("an extension", chunked(b"<hex>;a=\"b\"\r\n" + HIDDEN + b"\r\n0\r\n\r\n")), ("an encoding in capitals", chunked(b"<hex>\r\n" + HIDDEN + b"\r\n0\r\n\r\n", b"TRANSFER-ENCODING: CHUNKED")),
    ("trailers that count for nothing", chunked(b"<hex>\r\n" + HIDDEN + b"\r\n0\r\nHost: other\r\nAuthorization: Basic eDp5\r\n\r\n"))]


def filled(message, target, host, authorization, hidden):
    """The bytes of a case."""
    values = {b"<target>": target, b"<host>": host, GATE: b"Authorization: " + authorization, b"<hex>": b"%x" % len(hidden),
              b"<length>": b"%d" % (len(hidden) + 5), b"<size>": b"%d" % len(hidden)}
    if HIDDEN not in message:
        message += HIDDEN
    for name, value in values.items():
        message = message.replace(name, value)
    return message.replace(HIDDEN, hidden)
