"""What the checks of pages share: a server, a browser driven by keys, and the looks at each page."""
import base64
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.error
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

PASSWORD = "a good password"
results = {True: 0, False: 0}
skipped = []
secrets = {"the password": PASSWORD}  # what must stand in no log and nowhere in the data


def check(what, is_so, detail=""):
    results[bool(is_so)] += 1
    if not is_so:
        print("FAIL", what, detail, flush=True)
    return is_so


class Server:
    """A server of its own with the user alice."""

    def __init__(self, binary, folder):
        self.binary, self.data = binary, os.path.join(folder, "data")
        self.cli("user:add", "--password-from-env", "alice", env={"OC_PASS": PASSWORD})
        self.log = open(os.path.join(folder, "server.log"), "w+")
        self.process = subprocess.Popen([binary, "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0"],
                                        stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(100):
            found = re.search(r"http://127\.0\.0\.1:\d+", pathlib.Path(self.log.name).read_text())
            if found:
                self.base = found.group(0)
                return
            time.sleep(0.1)
        raise SystemExit("the server did not start")

    def cli(self, *words, env=None):
        return subprocess.run([self.binary, "--data-dir", self.data, *words], check=True, capture_output=True, text=True,
                              env={**os.environ, **(env or {})}).stdout

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


def ask(method, url, data=None, headers=None):
    """Status and body."""
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Browser:
    """Chromium, driven by keys."""

    def __init__(self, folder, scripts=True):
        options = webdriver.ChromeOptions()
        for word in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--window-size=1000,1400", "--user-data-dir=" + folder]:
            options.add_argument(word)
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(60)
        self.downloads = os.path.join(folder, "downloads")
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior",
                                    {"behavior": "allow", "downloadPath": self.downloads})

    def open(self, url):
        self.driver.get(url)

    def title(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "main").text

    def focus(self):
        return self.driver.switch_to.active_element

    def tab_to(self, is_it, most=60):
        """Moves on with the tabulator until the element that has the focus is the one."""
        for _ in range(most):
            ActionChains(self.driver).send_keys(Keys.TAB).perform()
            if is_it(self.focus()):
                return self.focus()
        raise AssertionError("no key leads there")

    def field(self, name, within=""):
        return self.tab_to(lambda e: e.get_attribute("name") == name and within in
                           e.find_element(By.XPATH, "./ancestor::form").get_attribute("action"))

    def enter(self, element, text=""):
        """Text and Enter, which leads to another page."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        element.send_keys(text + Keys.ENTER)
        self.wait(staleness_of(before))

    def wait(self, condition):
        return WebDriverWait(self.driver, 30).until(condition)

    def labelled(self, label):
        """A link or button; it has the focus."""
        return self.tab_to(lambda e: label in (e.text, e.get_attribute("aria-label")))

    def press(self, label):
        """A link or button: the focus goes there, then Enter."""
        self.enter(self.labelled(label))

    def download(self, label, name):
        """The bytes of the file that a link or button brings."""
        path = pathlib.Path(self.downloads, name)
        path.unlink(missing_ok=True)
        self.labelled(label).send_keys(Keys.ENTER)
        self.wait(lambda _: path.exists() and not list(path.parent.glob("*.crdownload")))
        return path.read_bytes()

    def log_in(self, password=PASSWORD):
        field = self.field("user")
        field.clear()
        field.send_keys("alice")
        self.enter(self.field("password"), password)


class Looker:
    """What every page is looked at for."""

    def __init__(self, axe, shots):
        self.axe = pathlib.Path(axe).read_text() if axe else None
        self.shots = shots
        if not axe:
            skipped.append("axe-core: not given")

    def look(self, browser, name):
        driver = browser.driver
        # WCAG 2.2, 1.4.10: nothing is wider than 320 pixels there.
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                               {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": True})
        width = driver.execute_script("return document.documentElement.scrollWidth")
        check(f"{name} fits a small screen", width <= 320, str(width))
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        for scheme in ["light", "dark"]:
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                   {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
            if self.shots:
                picture = driver.get_screenshot_as_base64()
                pathlib.Path(self.shots, f"{name}-{scheme}.png").write_bytes(base64.b64decode(picture))
            if not self.axe:
                continue
            driver.execute_script(self.axe)
            found = driver.execute_async_script(
                "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
                ".then(r => done(r.violations), e => done([{id: 'axe', help: String(e), nodes: []}]));")
            check(f"axe finds nothing on {name}, {scheme}", not found,
                  json.dumps([[v["id"], v["help"], [n["html"] for n in v["nodes"]][:3]] for v in found])[:1500])


def basic(login):
    return {"Authorization": "Basic " + base64.b64encode(
        f"{login['loginName']}:{login['appPassword']}".encode()).decode(), "OCS-APIRequest": "true"}
