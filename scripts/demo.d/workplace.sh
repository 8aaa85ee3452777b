# The directory the demo works in, and how it is left; to be sourced. Always the same one, so that what a killed demo left is found.

workplace=/var/tmp/thinfuse-demo-$(id -u)

# mounts_below DIRECTORY: mount points in it, the innermost first.
mounts_below() { awk -v prefix="$1/" 'index($5, prefix) == 1 { print $5 }' /proc/self/mountinfo | sort -r; }

# clear_workplace: takes down what stands on the pool, then the pool. What a killed daemon left is detached as well.
clear_workplace() {
    local place device file
    for place in $(mounts_below "$workplace"); do
        [ "$place" = "$workplace/mnt" ] && continue
        # One that was left frozen would not let go.
        fsfreeze --unfreeze "$place" 2>/dev/null || true
        umount "$place"
    done
    for file in /sys/block/loop*/loop/backing_file; do
        if [ -r "$file" ] && [[ $(<"$file") == "$workplace"/* ]]; then
            device=${file#/sys/block/}
            losetup --detach "/dev/${device%%/*}"
        fi
    done
    if [ -n "$(mounts_below "$workplace")" ]; then
        thinfuse unmount "$workplace/mnt" >/dev/null
    fi
    find "$workplace" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf --one-file-system {} +
}

# enter_workplace: makes it, empty, and goes there; one demo at a time.
enter_workplace() {
    mkdir -p "$workplace"
    exec 9>"$workplace/lock"
    flock --nonblock 9 || die "another demo is at work in $workplace"
    clear_workplace
    cd "$workplace"
}

# leave_workplace: takes everything down, however the demo ended.
leave_workplace() {
    local status=$?
    trap - EXIT INT TERM
    set +e
    [ "$status" -eq 0 ] || say "the demo ended before its end (exit code $status)"
    cd /
    if clear_workplace; then
        rm -rf "$workplace"
    else
        say "something is left in $workplace; the next demo takes it away"
        [ "$status" -ne 0 ] || status=1
    fi
    exit "$status"
}

# field NAME: one field of the pool's status.
field() { thinfuse pool status pool --json | grep -oE "\"$1\": *\"?[^\",}]*" | sed 's/.*: *"\{0,1\}//' | head -n 1; }

# mib BYTES: in MiB, for people.
mib() { echo "$(($1 >> 20)) MiB"; }

# less_than MIB: whether the pool has less than that allocated.
less_than() { [ $(($(field allocatedBytes) >> 20)) -lt "$1" ]; }

# eventually COMMAND...: tries again for a few seconds, since space that is given back is free when its record is durable.
eventually() {
    local try
    for ((try = 0; try < 50; try++)); do
        "$@" && return
        sleep 0.2
    done
    return 1
}

# sums DIRECTORY: checksums of all its files.
sums() { (cd "$1" && find . -path ./lost+found -prune -o -type f -print0 | sort -z | xargs -0 sha256sum); }

# copy_part_of_system TARGET LIMIT_MIB: copies directories of /usr/share, as many as fit.
copy_part_of_system() {
    local left=$2 size source
    while read -r size source; do
        if [ "$size" -le "$left" ]; then
            cp -a "$source" "$1/"
            left=$((left - size))
        fi
    done < <(du -sm /usr/share/* 2>/dev/null | sort -n)
}
