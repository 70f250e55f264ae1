# shellcheck shell=bash
# A certificate authority for tests, so that clients check certificates as they do in earnest.

# make_test_ca DIRECTORY: ca.pem, and for 127.0.0.1, ::1 and localhost chain.pem (with the CA's), key.pem and
# chain-and-key.pem. OpenSSL's and Go's clients trust it with SSL_CERT_FILE=DIRECTORY/ca.pem, curl with
# CURL_CA_BUNDLE.
make_test_ca() {
  local dir=$1
  local curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc)
  mkdir -p "$dir"
  openssl req -x509 "${curve[@]}" -keyout "$dir/ca.key" -out "$dir/ca.pem" -days 300 -subj "/CN=Cairn test authority" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null &&
    openssl req -x509 "${curve[@]}" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -keyout "$dir/key.pem" -out "$dir/server.pem" \
      -days 200 -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1" \
      -addext "basicConstraints=critical,CA:FALSE" -addext "keyUsage=critical,digitalSignature" \
      -addext "extendedKeyUsage=serverAuth" -addext "crlDistributionPoints=URI:http://127.0.0.1/ca.crl" 2>/dev/null &&
    cat "$dir/server.pem" "$dir/ca.pem" >"$dir/chain.pem" &&
    cat "$dir/chain.pem" "$dir/key.pem" >"$dir/chain-and-key.pem" &&
    chmod 600 "$dir"/*key*.pem
}
