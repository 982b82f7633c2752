# Runs a PostgreSQL server for as long as xtask lives: xtask holds the other end of our standard input, and however it
# ends (done, Ctrl-C, kill -9), that pipe closes. A signal handler in xtask would not survive the last of these.
# Arguments: the folder to remove afterwards, then the server's command line.
folder=$1
shift
stopping=
status=1
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
# QUIT is an immediate shutdown: nothing in this cluster is worth a checkpoint.
trap 'stopping=yes; kill -QUIT "$server" 2>/dev/null' TERM INT HUP
(
    exec >/dev/null 2>&1
    read -r _ <&3
    # Again and again, because a server that is just starting ignores QUIT.
    while kill -TERM $$; do
        sleep 0.1
    done
) &
reader=$!
while kill -0 "$server" 2>/dev/null; do
    wait "$server"
    status=$?
done
kill "$reader" 2>/dev/null
if [ -z "$stopping" ]; then
    # The server ended by itself: xtask sees that, reads the log and removes the folder.
    exit "$status"
fi
cd /
rm -rf -- "$folder" 2>/dev/null
