"""The servers that are compared: Cairn, Apache mod_dav, nginx. Each is started by hand on 127.0.0.1 with a data directory of
its own and stopped by pid. Debian's packages: apache2-bin, nginx-light."""
import base64
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time

USER, PASSWORD = "bench", "Bench-4711-mark"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sha1_line():
    digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
    return f"{USER}:{{SHA}}{digest}\n"


class Server:
    """name; base (path of the user's files); port; tls_port or None; process."""

    name = base = None
    durable = False
    tls_port = None

    def __init__(self, work, preload=None):
        self.preload = preload  # a library for LD_PRELOAD
        self.work = os.path.join(work, self.name)
        os.makedirs(self.work)
        self.port = free_port()
        self.process = None
        self.start()
        self.wait()

    def spawn(self, *args, **kwargs):
        log = open(os.path.join(self.work, "log"), "wb")
        env = {**os.environ, **({"LD_PRELOAD": self.preload} if self.preload else {})}
        self.process = subprocess.Popen(args, stdout=log, stderr=log, env=env, **kwargs)

    def wait(self):
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        with open(os.path.join(self.work, "log"), errors="replace") as log:
            raise SystemExit(f"{self.name} did not start:\n{log.read()[-2000:]}")

    def pids(self):
        """The process and its children."""
        found, queue = [], [self.process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as children:
                    queue += [int(child) for child in children.read().split()]
            except OSError:
                pass
        return found

    def memory(self):
        """Resident bytes, shared pages counted once (Pss)."""
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as rollup:
                    total += int(re.search(r"Pss:\s+(\d+)", rollup.read()).group(1)) * 1024
            except OSError:
                pass
        return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)


class Cairn(Server):
    name = "cairn"
    base = f"/remote.php/dav/files/{USER}"
    durable = True
    binary = None
    settings = "limits: {connections_per_address: 0}\n"  # more lines of YAML

    def start(self):
        data = os.path.join(self.work, "data")
        subprocess.run([self.binary, "--data-dir", data, "user:add", "--password-from-env", USER], check=True,
                       env={**os.environ, "OC_PASS": PASSWORD}, stdout=subprocess.DEVNULL)
        self.tls_port = free_port()
        config = os.path.join(self.work, "cairn.yaml")
        with open(config, "w") as out:
            out.write(f"data_dir: {data}\nlisten: [http://127.0.0.1:{self.port}, https://127.0.0.1:{self.tls_port}]\n"
                      f"tls: self-signed\nlog: {{requests: false}}\n{self.settings}")
        self.spawn(self.binary, "--config", config, "serve")


class Apache(Server):
    name = "apache"
    base = "/dav"

    def start(self):
        root = os.path.join(self.work, "root")
        os.makedirs(os.path.join(root, "dav"))
        with open(os.path.join(self.work, "htpasswd"), "w") as out:
            out.write(sha1_line())
        subprocess.run(["chown", "-R", "www-data:www-data", self.work], check=True)
        os.chmod(os.path.dirname(self.work), 0o755)
        self.tls_port = free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=localhost", "-keyout", f"{self.work}/tls.key", "-out", f"{self.work}/tls.crt"],
                       check=True, stderr=subprocess.DEVNULL)
        modules = "".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
            for name in ("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "dav", "dav_fs",
                         "mime", "socache_shmcb", "ssl"))
        config = os.path.join(self.work, "httpd.conf")
        with open(config, "w") as out:
            out.write(f"""{modules}
User www-data
Group www-data
ServerName localhost
Listen 127.0.0.1:{self.port}
Listen 127.0.0.1:{self.tls_port}
PidFile {self.work}/pid
ErrorLog {self.work}/error.log
TypesConfig /etc/mime.types
DocumentRoot {root}
DAVLockDB {self.work}/lockdb
KeepAlive On
MaxKeepAliveRequests 0
LimitXMLRequestBody 0
<VirtualHost 127.0.0.1:{self.tls_port}>
  SSLEngine on
  SSLCertificateFile {self.work}/tls.crt
  SSLCertificateKeyFile {self.work}/tls.key
</VirtualHost>
<Directory {root}>
  Require valid-user
  AuthType Basic
  AuthName dav
  AuthUserFile {self.work}/htpasswd
  Dav On
  DavDepthInfinity On
</Directory>
""")
        self.spawn("/usr/sbin/apache2", "-DFOREGROUND", "-f", config)


class Nginx(Server):
    name = "nginx"
    base = "/dav"

    def start(self):
        root = os.path.join(self.work, "root")
        os.makedirs(os.path.join(root, "dav"))
        with open(os.path.join(self.work, "htpasswd"), "w") as out:
            out.write(sha1_line())
        subprocess.run(["chown", "-R", "www-data:www-data", self.work], check=True)
        os.chmod(os.path.dirname(self.work), 0o755)
        config = os.path.join(self.work, "nginx.conf")
        with open(config, "w") as out:
            out.write(f"""daemon off; user www-data; pid {self.work}/pid; error_log {self.work}/error.log;
worker_processes auto;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 0; keepalive_requests 1000000; sendfile on;
  client_body_temp_path {self.work}/body; proxy_temp_path {self.work}/p; fastcgi_temp_path {self.work}/f;
  uwsgi_temp_path {self.work}/u; scgi_temp_path {self.work}/s;
  server {{
    listen 127.0.0.1:{self.port}; root {root};
    location / {{ dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on;
      auth_basic dav; auth_basic_user_file {self.work}/htpasswd; }}
  }}
}}
""")
        self.spawn("/usr/sbin/nginx", "-c", config)
