package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// cephConfig is a Ceph of one monitor and one store in memory, on loopback
// alone and without authentication between its own parts.
const cephConfig = `[global]
fsid = 11111111-2222-3333-4444-555555555555
mon_initial_members = a
mon_host = v1:%[2]s
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_data = %[1]s/mon
osd_data = %[1]s/osd
osd_objectstore = memstore
osd_class_update_on_start = false
osd_crush_update_on_start = false
memstore_device_bytes = 268435456
ms_bind_msgr2 = false
run_dir = %[1]s
admin_socket = %[1]s/$name.asok
log_file = %[1]s/$name.log
mon_cluster_log_file = %[1]s/cluster.log
pid_file = %[1]s/$name.pid
[mon]
mon_data_avail_crit = 1
[client.rgw]
rgw_data = %[1]s/rgw
rgw_frontends = beast endpoint=%[3]s
`

// startCeph runs Ceph's object gateway over a monitor and a store.
func startCeph(t *testing.T) *compatible {
	t.Helper()
	for _, name := range []string{"monmaptool", "ceph-mon", "ceph-osd", "ceph", "radosgw", "radosgw-admin"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("SKIPPED: %s is not installed (Debian: ceph-mon ceph-osd radosgw ceph-common); access keys are not tried on Ceph's gateway", name)
		}
	}
	dir, err := os.MkdirTemp("", "ceph") //nolint:usetesting // its sockets want a shorter path than a test's folder has
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, name := range []string{"mon", "osd", "rgw"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	monitor, gateway, config := freeAddress(t), freeAddress(t), filepath.Join(dir, "ceph.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, cephConfig, dir, monitor, gateway), 0o600); err != nil {
		t.Fatal(err)
	}
	done(t, "monmaptool", "--create", "--fsid", "11111111-2222-3333-4444-555555555555", "--addv", "a", "v1:"+monitor,
		filepath.Join(dir, "monmap"))
	done(t, "ceph-mon", "-c", config, "--mkfs", "-i", "a", "--monmap", filepath.Join(dir, "monmap"))
	background(t, nil, "ceph-mon", "-c", config, "-i", "a", "-f")
	const osd = "66666666-7777-8888-9999-aaaaaaaaaaaa"
	done(t, "ceph", "-c", config, "--connect-timeout", "120", "osd", "new", osd, "0")
	done(t, "ceph", "-c", config, "--connect-timeout", "120", "osd", "crush", "add", "0", "1.0", "root=default",
		"host=here")
	done(t, "ceph-osd", "-c", config, "-i", "0", "--mkfs", "--osd-uuid", osd)
	background(t, nil, "ceph-osd", "-c", config, "-i", "0", "-f")
	background(t, nil, "radosgw", "-c", config, "-n", "client.rgw", "-f")
	c := &compatible{url: "http://" + gateway, root: "ownerkey", secret: "ownersecretownersecret", prefixes: true}
	answers(t, c.url)
	user := func(name, secret string) {
		t.Helper()
		done(t, "radosgw-admin", "-c", config, "-n", "client.rgw", "user", "create", "--uid",
			strings.TrimSuffix(name, "key"), "--display-name", name, "--access-key", name, "--secret-key", secret)
	}
	user(c.root, c.secret)
	c.grant = func(t *testing.T) {
		user("reader", readerSecret)
		user("writer", writerSecret)
		user("nobody", nobodySecret)
		c.bucketPolicy(t, `"arn:aws:iam:::user/reader"`, `"arn:aws:iam:::user/writer"`)
	}
	return c
}
