"""Public links in a real browser: password, listing, downloads, uploads with and without scripts, file drop."""
import io
import json
import os
import pathlib
import urllib.error
import urllib.parse
import urllib.request
import zipfile

from selenium.webdriver.common.by import By

from scene import PASSWORD, ask, basic, check, secrets

ALICE = basic({"loginName": "alice", "appPassword": PASSWORD})
LINK_PASSWORD = "a word between us"
READ, CREATE = 1, 4


def address(server, path):
    return server.base + "/remote.php/dav/files/alice/" + urllib.parse.quote(path)


def put(server, path, data):
    status = ask("PUT", address(server, path), data, {**ALICE, "X-NC-WebDAV-Auto-Mkcol": "1"})[0]
    check(f"{path} is there", status == 201, str(status))


def get(server, path):
    """The bytes; empty when there is no such file."""
    request = urllib.request.Request(address(server, path), headers=ALICE)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()
    except urllib.error.HTTPError:
        return b""


def share(server, path, **fields):
    """A link's data."""
    form = urllib.parse.urlencode({"path": path, "shareType": 3, **fields}).encode()
    status, body = ask("POST", server.base + "/ocs/v2.php/apps/files_sharing/api/v1/shares?format=json", form, ALICE)
    assert status == 200, body
    return json.loads(body)["ocs"]["data"]


def change(server, link, **fields):
    status, body = ask("PUT", server.base + "/ocs/v2.php/apps/files_sharing/api/v1/shares/" + link["id"],
                       urllib.parse.urlencode(fields).encode(), ALICE)
    check("the link is changed", status == 200, body)


def reading(server, browser, looker, picture):
    secrets["a link's password"] = LINK_PASSWORD
    link = share(server, "/Holiday", password=LINK_PASSWORD, note="Our way,\nday by day")
    browser.open(link["url"])
    check("a link with a password asks for it", browser.title() == "Password needed", browser.text())
    check("and tells nothing before", "Holiday" not in browser.driver.page_source + browser.driver.title)
    looker.look(browser, "link-password")
    browser.enter(browser.field("password"), "a wrong word")
    check("a wrong one is said", "Wrong password" in browser.text(), browser.text())
    looker.look(browser, "link-password-wrong")
    browser.enter(browser.field("password"), LINK_PASSWORD)
    check("the right one opens the folder", browser.title() == "Holiday", browser.text())
    check("who shares it and why is said", "alice shares this folder" in browser.text() and
          "Our way,\nday by day" in browser.text(), browser.text())
    looker.look(browser, "link-folder")
    check("a file comes whole", browser.download("picture.bin", "picture.bin") == picture)
    browser.press("letters/")
    check("a folder opens", browser.title() == "letters", browser.text())
    looker.look(browser, "link-sub-folder")
    check("a file in it comes whole", browser.download("ä b.txt", "ä b.txt") == "Grüße".encode())
    browser.press("Holiday")
    check("and back", browser.title() == "Holiday", browser.text())
    archive = zipfile.ZipFile(io.BytesIO(browser.download("Download all as a zip file", "Holiday.zip")))
    check("all of it comes as a zip file",
          {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")} ==
          {"Holiday/picture.bin": picture, "Holiday/letters/ä b.txt": "Grüße".encode()}, str(archive.namelist()))
    change(server, link, password="another word between us")
    browser.open(link["url"])
    check("a new password closes it", browser.title() == "Password needed", browser.text())
    browser.open(server.base + "/s/AAAAAAAAAAAAAAA")
    check("an unknown link is said", browser.title() == "Not found", browser.text())
    looker.look(browser, "link-unknown")


def one_file(server, browser, looker, picture):
    browser.open(share(server, "/Holiday/picture.bin")["url"])
    check("a file's link shows it", "picture.bin" in browser.text() and "292.0 KiB" in browser.text(), browser.text())
    looker.look(browser, "link-file")
    check("and gives it out", browser.download("Download", "picture.bin") == picture)
    link = share(server, "/Holiday/picture.bin")
    change(server, link, hideDownload="true")
    browser.open(link["url"])
    check("unless that is hidden", "Download" not in browser.text(), browser.text())


def choose(browser, *paths):
    browser.field("file").send_keys("\n".join(str(path) for path in paths))


def uploading(server, browser, plain, looker, folder):
    here = pathlib.Path(folder, "uploads")
    here.mkdir()
    files = {"first ä.bin": os.urandom(2_000_000), "second.txt": b"two"}
    for name, data in files.items():
        (here / name).write_bytes(data)
    url = share(server, "/Inbox", permissions=READ | CREATE)["url"]
    browser.open(url)
    looker.look(browser, "link-upload")
    choose(browser, *(here / name for name in files))
    network = {"offline": False, "latency": 0, "downloadThroughput": -1}
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {**network, "uploadThroughput": 100_000})
    before = browser.driver.find_element(By.TAG_NAME, "html")
    browser.labelled("Upload").click()
    bars = browser.wait(lambda d: d.find_elements(By.CSS_SELECTOR, ".uploads progress"))
    check("each file has its progress", [bar.get_attribute("aria-label") for bar in bars] == list(files))
    browser.wait(lambda _: float(bars[0].get_attribute("value")) > 0)
    looker.look(browser, "link-uploading")
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {**network, "uploadThroughput": -1})
    browser.wait(lambda d: "were uploaded" in d.page_source and d.find_element(By.TAG_NAME, "html") != before)
    check("with scripts, two files are uploaded", "2 files were uploaded." in browser.text(), browser.text())
    looker.look(browser, "link-uploaded")
    for name, data in files.items():
        check(f"{name} is stored whole", get(server, "Inbox/" + name) == data)
        check(f"{name} is listed", name in browser.text())

    plain.open(url)
    choose(plain, *(here / name for name in files))
    plain.press("Upload")
    check("without scripts, too", "2 files were uploaded." in plain.text(), plain.text())
    for name, data in files.items():
        stem, end = name.rsplit(".", 1)
        check(f"a second {name} replaces nothing", get(server, f"Inbox/{stem} (2).{end}") == data)


def dropping(server, browser, plain, looker, folder):
    here = pathlib.Path(folder, "drops")
    here.mkdir()
    (here / "letter.txt").write_text("from outside")
    put(server, "Box/letter.txt", b"mine")
    link = share(server, "/Box", permissions=CREATE, note="Your letters, please")
    for number, one in enumerate([browser, plain], 2):
        one.open(link["url"])
        check("a file drop asks for files", one.title() == "Upload files" and
              "Your letters, please" in one.text(), one.text())
        check("and shows none", "letter.txt" not in one.driver.page_source and "Box" not in one.driver.page_source)
        if one is browser:
            looker.look(browser, "link-drop")
        choose(one, here / "letter.txt")
        if one is browser:
            before = one.driver.find_element(By.TAG_NAME, "html")
            one.labelled("Upload").click()
            one.wait(lambda d: "was uploaded" in d.page_source and d.find_element(By.TAG_NAME, "html") != before)
            looker.look(browser, "link-dropped")
        else:
            one.press("Upload")
        check("what was dropped is said", "One file was uploaded." in one.text(), one.text())
        check("and not shown", "letter.txt" not in one.driver.page_source)
        check("it got a number", get(server, f"Box/letter ({number}).txt") == b"from outside")
    check("and what was there is as it was", get(server, "Box/letter.txt") == b"mine")
    plain.open(link["url"])
    plain.field("nickname").send_keys("Bob ö")
    choose(plain, here / "letter.txt")
    plain.press("Upload")
    check("who says his name has a folder", get(server, "Box/Bob ö/letter.txt") == b"from outside", plain.text())


def links(server, browser, plain, looker, folder):
    """`plain`: a browser without scripts."""
    picture = os.urandom(299_000)
    put(server, "Holiday/picture.bin", picture)
    put(server, "Holiday/letters/ä b.txt", "Grüße".encode())
    check("a folder is made", ask("MKCOL", address(server, "Inbox"), None, ALICE)[0] == 201)
    reading(server, browser, looker, picture)
    one_file(server, browser, looker, picture)
    uploading(server, browser, plain, looker, folder)
    dropping(server, browser, plain, looker, folder)
