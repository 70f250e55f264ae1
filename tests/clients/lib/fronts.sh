# shellcheck shell=bash
# What may stand between a client and the server: Cairn's own TLS, or a reverse proxy with TLS that runs the sample of
# conf/dist/proxies, with this machine's paths and ports filled in.
#
#   front_port=$(free_port); start_front KIND DIRECTORY PORT UPSTREAM_PORT [/PATH]
#
# DIRECTORY holds a test CA (tests/support/test_ca.sh) and gets the proxy's files. FRONT_PID is set. Each KIND has a
# function write_KIND that writes its settings to $dir and sets `command`. With FRONT_DENY=/PATH the front itself answers
# 403 to what is asked below it: what arrives at the server all the same, the front has not seen as a request.

SAMPLES=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../conf/dist/proxies" && pwd)

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# fill SAMPLE SED...: a sample with the ports and the certificate of this test. Every expression must change something.
fill() {
  local sample=$SAMPLES/$1 expression text changed
  shift
  text=$(cat "$sample")
  for expression in "s|127.0.0.1:8080|127.0.0.1:$upstream|" "$@"; do
    changed=$(sed -E "$expression" <<<"$text")
    [ "$changed" != "$text" ] || { echo "$sample: nothing to replace by $expression" >&2; return 1; }
    text=$changed
  done
  printf '%s\n' "$text"
}

write_nginx() {
  local expressions=("s|listen 443 |listen 127.0.0.1:$port |" "s|/etc/ssl/cloud.pem|$dir/chain.pem|"
    "s|/etc/ssl/cloud.key|$dir/key.pem|")
  [ -z "$path" ] || expressions+=("s|location / |location $path/ |")
  [ -z "$deny" ] || expressions+=("s|^( *)location |\\1location $deny { return 403; }\\n&|")
  fill nginx.conf "${expressions[@]}" >"$dir/site.conf" || return
  cat >"$dir/nginx.conf" <<CONF
daemon off; pid $dir/nginx.pid; error_log $dir/nginx.log; $([ "$(id -u)" -ne 0 ] || echo "user root;")
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $dir/body; proxy_temp_path $dir/proxy; fastcgi_temp_path $dir/fastcgi; uwsgi_temp_path $dir/uwsgi;
  scgi_temp_path $dir/scgi;
  include $dir/site.conf;
}
CONF
  command=(nginx -e "$dir/nginx.log" -c "$dir/nginx.conf")
}

write_apache() {
  fill apache.conf "s|\*:443|127.0.0.1:$port|" "s|/etc/ssl/cloud.pem|$dir/chain.pem|" "s|/etc/ssl/cloud.key|$dir/key.pem|" \
    >"$dir/site.conf" || return
  {
    local module
    for module in mpm_event authz_core ssl socache_shmcb proxy proxy_http headers; do
      echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<CONF
User www-data
Group www-data
ServerName localhost
Listen 127.0.0.1:$port
PidFile $dir/apache.pid
ErrorLog $dir/apache.log
Include $dir/site.conf
CONF
    [ -z "$deny" ] || printf '<Location "%s">\nRequire all denied\n</Location>\n' "$deny"
  } >"$dir/apache.conf"
  command=(apache2 -DFOREGROUND -f "$dir/apache.conf")
}

write_haproxy() {
  local expressions=("s|bind :443|bind 127.0.0.1:$port|" "s|/etc/ssl/cloud-and-key.pem|$dir/chain-and-key.pem|")
  [ -z "$deny" ] || expressions+=("s|^( *)bind .*|&\\n\\1http-request deny if { path_beg $deny }|")
  fill haproxy.cfg "${expressions[@]}" >"$dir/haproxy.cfg" || return
  command=(haproxy -db -f "$dir/haproxy.cfg")
}

write_caddy() {
  {
    printf '{\n\tadmin off\n\tauto_https disable_redirects\n}\n'
    fill Caddyfile "s|^cloud.example.org .*|https://127.0.0.1:$port {\n\ttls $dir/chain.pem $dir/key.pem${deny:+\n\trespond $deny* 403}|"
  } >"$dir/Caddyfile" || return
  command=(env "XDG_DATA_HOME=$dir" "XDG_CONFIG_HOME=$dir" caddy run --adapter caddyfile --config "$dir/Caddyfile")
}

start_front() {
  local kind=$1 dir=$2 port=$3 upstream=$4 path=${5:-} deny=${FRONT_DENY:-} command=()
  declare -F "write_$kind" >/dev/null || { echo "unknown front: $kind" >&2; return 2; }
  "write_$kind" || return
  PATH=$PATH:/usr/sbin command -v "${command[0]}" >/dev/null || { echo "${command[0]} is not installed" >&2; return 1; }
  PATH=$PATH:/usr/sbin "${command[@]}" >"$dir/front.out" 2>&1 &
  FRONT_PID=$!
  local try
  for try in $(seq 100); do
    kill -0 "$FRONT_PID" 2>/dev/null || break
    curl -so /dev/null --noproxy '*' --cacert "$dir/ca.pem" "https://127.0.0.1:$port/" && return
    sleep 0.1
  done
  echo "$kind did not start (after $try tries):" >&2
  tail -n 5 "$dir/front.out" "$dir/$kind.log" >&2
  return 1
}
