# The demo with a loop device and a mounted ext4; to be sourced.

printf '%s\n' "${bold}ThinFuse in eight steps${plain} ${dim}(everything happens in $workplace and is gone afterwards)${plain}"

step 'A pool of 1 GiB, mounted'
run thinfuse pool create pool --size 1G
run mkdir mnt fs old
run thinfuse mount pool mnt

step 'A volume of 10 GiB in it, as a file and as a block device'
tell 'Ten times what the pool holds: space is taken when it is written to.'
run thinfuse volume create mnt/vm1 --size 10G
show thinfuse attach mnt/vm1
device=$(thinfuse attach mnt/vm1)
indent <<<"$device"
run ls -lsh mnt

step 'A real filesystem with real files'
run mkfs.ext4 -q "$device"
run mount "$device" fs
show cp -a /usr/share/... fs/
mkdir fs/share
copy_part_of_system fs/share 250
sync -f fs
sums fs >before.sha256
proven "$(wc -l <before.sha256) files, $(du -sh fs/share | cut -f1); the pool has $(mib "$(field allocatedBytes)") allocated, the filesystem thinks it has $(df -h --output=size fs | tail -n 1 | tr -d ' ')"

step 'A snapshot, at once, while it is mounted'
run fsfreeze --freeze fs
run thinfuse snapshot create mnt/vm1 --name monday
run fsfreeze --unfreeze fs

step 'Afterwards, files are changed and deleted'
cut -c67- before.sha256 | awk 'NR % 3 == 1 && ++n <= 300' | (cd fs && xargs -d '\n' rm)
cut -c67- before.sha256 | awk 'NR % 3 == 2 && ++n <= 300' | (cd fs && while read -r file; do echo changed >>"$file"; done)
sync -f fs
sums fs >after.sha256
different=$(cd fs && sha256sum --check --quiet ../before.sha256 2>/dev/null | wc -l) || true
proven "$different files are no longer what they were"
show thinfuse attach mnt/vm1@monday
snapshot_device=$(thinfuse attach mnt/vm1@monday)
indent <<<"$snapshot_device"
run mount -o ro,noload "$snapshot_device" old
(cd old && sha256sum --check --quiet ../before.sha256) || broken 'the snapshot does not show the old files'
proven "the snapshot, mounted beside it, still shows all $(wc -l <before.sha256) files as they were"
run thinfuse volume list mnt

step 'The pool runs full'
tell 'The filesystem believes it has gigabytes left. The pool has not, and says so at the write that no longer fits:'
run_failing 'No space left on device' dd if=/dev/urandom of=fs/filler bs=1M count=4000 oflag=direct
tell 'Direct writes learn it at once, as here. What goes through the page cache is accepted first, and learns it at fsync:'
run_failing 'No space left|Input/output|Read-only' dd if=/dev/urandom of=fs/cached bs=1M count=32 conv=fsync
[ "$(field mode)" = out_of_space ] || broken "the pool's mode is $(field mode)"
if grep -q " $workplace/fs ext4 ro" /proc/mounts; then
    tell 'ext4 could not write its own journal either, and made itself read-only rather than guess.'
fi
run thinfuse pool status pool
(cd old && sha256sum --check --quiet ../before.sha256) || broken 'the snapshot suffered'
proven 'reads and the snapshot are as before'

step 'The pool grows, and all goes on'
run umount fs
run thinfuse pool grow mnt --size 3G
show e2fsck -f -p "$device"
e2fsck -f -p "$device" 2>&1 | indent || [ $? -eq 1 ] || broken 'e2fsck cannot replay the journal'
run e2fsck -f -n "$device"
proven 'the filesystem is clean'
run mount "$device" fs
(cd fs && sha256sum --check --quiet ../after.sha256) || broken 'files that were synced before are gone'
proven 'every file that was synced before the pool ran full is there'
run dd if=/dev/urandom of=fs/more bs=1M count=500 conv=fsync status=none
run rm fs/filler fs/more
run sync -f fs
run fstrim -v fs
[ "$(field mode)" = write ] || broken "the pool's mode is $(field mode)"
eventually less_than 600 || broken "the pool still has $(mib "$(field allocatedBytes)") allocated"
proven "what was deleted and trimmed is free again: the pool has $(mib "$(field allocatedBytes)") allocated"

step 'Everything is taken down'
run umount fs old
run thinfuse detach mnt/vm1
run thinfuse detach mnt/vm1@monday
run thinfuse unmount mnt
run thinfuse pool check pool
proven 'done'
