package sandbox_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// serveVariable makes the test binary serve a folder instead of running tests,
// so that the test can kill the process.
const serveVariable = "WINDLASS_SANDBOX_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveVariable); dir != "" {
		if err := serveFolder(dir, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// serveFolder prints its address on one line, and serves until it is killed.
func serveFolder(dir string, out io.Writer) error {
	box, err := sandbox.Open(context.Background(), sandbox.Config{Dir: dir})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, listener.Addr()); err != nil {
		return err
	}
	return http.Serve(listener, box)
}

// TestKill kills the server with SIGKILL during uploads, and checks that every
// acknowledged object is whole.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	prepared := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	prepared.MustBucket(t, prepared.Customer.Keys, "killed")
	keys := prepared.Customer.Keys
	prepared.Stop(t)

	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), executable)
	command.Env = append(os.Environ(), serveVariable+"="+dir)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := putUntilKilled(t, command, sandboxtest.ClientAt("http://"+strings.TrimSpace(address), keys))
	if err := command.Wait(); err == nil {
		t.Fatal("the server was not killed")
	}

	again := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	for key, want := range acknowledged {
		out, err := again.S3(keys).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("killed"), Key: &key})
		if err != nil {
			t.Fatalf("%s was acknowledged and is gone: %v", key, err)
		}
		body, err := io.ReadAll(out.Body)
		if err != nil || sha256.Sum256(body) != want {
			t.Errorf("%s was acknowledged and is not whole: %d bytes, %v", key, len(body), err)
		}
	}
}

// putUntilKilled uploads 1,000 objects, small and large, kills the server when
// 400 are acknowledged, and returns the acknowledged ones.
func putUntilKilled(t *testing.T, command *exec.Cmd, client *s3.Client) map[string][32]byte {
	t.Helper()
	var mu sync.Mutex
	acknowledged := map[string][32]byte{}
	next := make(chan int)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for i := range next {
				body := awstest.Random(uint64(i), 512<<(i%9)) // 512 bytes to 128 KiB
				key := fmt.Sprintf("%03d/%d", i%10, i)
				_, err := client.PutObject(
					t.Context(),
					&s3.PutObjectInput{Bucket: aws.String("killed"), Key: &key, Body: bytes.NewReader(body)},
				)
				if err != nil {
					continue // the server was killed, or this request was in flight
				}
				mu.Lock()
				acknowledged[key] = sha256.Sum256(body)
				if len(acknowledged) == 400 {
					if err := command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
						t.Error(err)
					}
				}
				mu.Unlock()
			}
		})
	}
	for i := range 1000 {
		next <- i
	}
	close(next)
	workers.Wait()
	if len(acknowledged) < 400 {
		t.Fatalf("only %d objects were acknowledged", len(acknowledged))
	}
	return acknowledged
}
