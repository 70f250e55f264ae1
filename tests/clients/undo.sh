#!/bin/bash
# What nextcloudcmd deletes and overwrites is brought back through the API, and the client takes it back.
. "$(dirname "$0")/lib/rig.sh"
rig_init undo 600 "$@"
need nextcloudcmd
nextcloud || { skip "trash and versions" "not a Nextcloud"; rig_done; }

client_cmd() {
    local dir=$1 remote=$2
    shift 2
    mkdir -p "$dir"
    CMD=(nextcloudcmd --non-interactive --trust -u "$USER" -p "$PASS"
         --path "/$SCRATCH/$remote" "$@" "$dir" "$BASE")
}
. "$RIG_ROOT/lib/sync.sh"

TRASHBIN=$BASE/remote.php/dav/trashbin/$(urlenc "$USER")
VERSIONS=$BASE/remote.php/dav/versions/$(urlenc "$USER")

# propfind URL DEPTH PROPERTY...: the body of the answer
propfind() {
    local url=$1 depth=$2 props=
    shift 2
    props=$(printf '<%s/>' "$@")
    http -X PROPFIND -H "Depth: $depth" --data "<?xml version=\"1.0\"?><d:propfind xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\" xmlns:nc=\"http://nextcloud.org/ns\"><d:prop>$props</d:prop></d:propfind>" "$url"
}
# The hrefs of an answer whose response holds TEXT.
hrefs_with() { sed 's|<d:response>|\n&|g' | grep -F -- "$1" | sed -E 's|.*<d:href>([^<]*)</d:href>.*|\1|'; }

# restore_deleted LOCATION: the latest deletion of it goes back
restore_deleted() {
    local href
    href=$(propfind "$TRASHBIN/trash" 1 nc:trashbin-original-location |
        hrefs_with "<nc:trashbin-original-location>$1</nc:trashbin-original-location>" | sort | tail -1)
    [ -n "$href" ] || { echo "$1 is not in the trash"; return 1; }
    [ "$(code -X MOVE -H "Destination: $TRASHBIN/restore/any" "$ORIGIN$href")" = 201 ]
}
# restore_version PATH BYTES: the version of that size becomes current
restore_version() {
    local id href
    id=$(propfind "$DAV/$1" 0 oc:fileid | grep -oE '<oc:fileid>[0-9]+' | grep -oE '[0-9]+$')
    href=$(propfind "$VERSIONS/versions/$id" 1 d:getcontentlength |
        hrefs_with "<d:getcontentlength>$2</d:getcontentlength>" | tail -1)
    [ -n "$href" ] || { echo "no version of $1 has $2 bytes"; return 1; }
    [ "$(code -X MOVE -H "Destination: $VERSIONS/restore/any" "$ORIGIN$href")" = 201 ]
}

code -X MKCOL "$DAV/main" >/dev/null
mkdir -p "$A/folder/deep" "$TMP/before"
random_file "$A/letter.txt" 4000
random_file "$A/table.bin" 70000
random_file "$A/folder/one.bin" 300
random_file "$A/folder/deep/two.bin" 50000
check "the client uploads its tree" sync_a
cp -a "$A/." "$TMP/before/"

section "a mistake on one machine"
sleep 1.1  # the client tells changes by the second
rm -r "$A/folder" "$A/letter.txt"
random_file "$A/table.bin" 71000
check "the client deletes and overwrites" sync_a
check "the folder is gone from the server" gone main/folder/deep/two.bin

section "undone through the API"
check "the folder is restored" restore_deleted "$SCRATCH/main/folder"
check "the file is restored" restore_deleted "$SCRATCH/main/letter.txt"
check "the version is restored" restore_version main/table.bin 70000
check "the client syncs" sync_a
check "it has everything again" same_trees "$TMP/before" "$A"
check "another machine gets the same" sync_b
check "both trees are identical" same_trees "$A" "$B"
check "modification times are identical" same_mtimes "$A" "$B"
check "the first syncs again" sync_a
check "and has nothing to do" no_requests PUT GET MKCOL MOVE DELETE
rig_done
