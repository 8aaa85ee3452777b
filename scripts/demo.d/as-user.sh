# The demo without root: no loop device and no mounted ext4, but the same filesystem on the same file; to be sourced.

printf '%s\n' "${bold}ThinFuse in seven steps, without root${plain} ${dim}(everything happens in $workplace and is gone afterwards)${plain}"

# read_back FILE DIRECTORY: takes all files out of a filesystem in a file. Owners cannot be kept without root, which debugfs remarks on.
read_back() {
    mkdir "$2"
    show "debugfs -R 'rdump / $2' $1"
    debugfs -R "rdump / $2" "$1" >/dev/null 2>&1
}

step 'A pool of 1 GiB, mounted by a user'
run thinfuse pool create pool --size 1G
run mkdir mnt tree
run thinfuse mount pool mnt

step 'A volume of 10 GiB in it, as a file'
tell 'Ten times what the pool holds: space is taken when it is written to.'
run thinfuse volume create mnt/vm1 --size 10G

step 'A real filesystem with real files'
show cp -a /usr/share/... tree/
copy_part_of_system tree 250 2>/dev/null || true
chmod -R u+rwX tree
sums tree >before.sha256
run mke2fs -q -F -t ext4 -d tree mnt/vm1
run ls -lsh mnt
proven "$(wc -l <before.sha256) files, $(du -sh tree | cut -f1); the pool has $(mib "$(field allocatedBytes)") allocated"

step 'A snapshot, and changes after it'
run thinfuse snapshot create mnt/vm1 --name monday
cut -c67- before.sha256 | awk 'NR % 3 == 1 && ++n <= 300 { sub(/^\./, ""); printf "rm \"%s\"\n", $0 }' >changes
show debugfs -w -f changes mnt/vm1
debugfs -w -f changes mnt/vm1 >/dev/null 2>&1
read_back mnt/vm1 now
different=$(cd now && sha256sum --check --quiet ../before.sha256 2>/dev/null | wc -l) || true
[ "$different" -gt 0 ] || broken 'nothing was changed'
proven "$different files are gone from the volume"
read_back mnt/vm1@monday old
(cd old && sha256sum --check --quiet ../before.sha256) || broken 'the snapshot does not show the old files'
proven "the snapshot still shows all $(wc -l <before.sha256) files as they were"
run e2fsck -f -n mnt/vm1

step 'Clones to play with, thrown away afterwards'
before=$(field allocatedBytes)
show 'for i in 1 2 3 4 5 6 7 8 9 10; do thinfuse clone mnt/vm1@monday mnt/clone$i; done'
for i in 1 2 3 4 5 6 7 8 9 10; do
    thinfuse clone mnt/vm1@monday "mnt/clone$i" >/dev/null || broken 'a clone was not made'
done
[ "$(field allocatedBytes)" = "$before" ] || broken 'clones took space'
proven "ten more volumes of 10 GiB, and the pool has $(mib "$before") allocated as before"
run rm mnt/clone1 mnt/clone2 mnt/clone3 mnt/clone4 mnt/clone5 mnt/clone6 mnt/clone7 mnt/clone8 mnt/clone9 mnt/clone10

step 'The pool runs full'
run truncate -s 10G mnt/filler
run_failing 'No space left on device' dd if=/dev/urandom of=mnt/filler bs=1M conv=notrunc
[ "$(field mode)" = out_of_space ] || broken "the pool's mode is $(field mode)"
proven 'the write that no longer fitted was told so'
run thinfuse pool grow mnt --size 2G
run dd if=/dev/urandom of=mnt/filler bs=1M count=200 seek=2000 conv=notrunc,fsync status=none
run rm mnt/filler
proven "writes went on, without a remount; the pool's mode is $(field mode)"

step 'Everything is taken down'
run e2fsck -f -n mnt/vm1
run thinfuse unmount mnt
run thinfuse pool check pool
proven 'done'
