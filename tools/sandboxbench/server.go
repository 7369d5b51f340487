package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/tools/rig"
)

const (
	bucket    = "bench"
	accessKey = "benchaccess"
	secretKey = "benchsecretbenchsecret"
)

// server is a running server with a client for it.
type server struct {
	name    string
	process *rig.Process
	client  *s3.Client
}

// start runs the servers whose binaries exist, each in its own process.
func start(ctx context.Context, o options, dir string) ([]*server, error) {
	var servers []*server
	for _, launch := range []func() (*server, error){
		func() (*server, error) { return startWindlass(ctx, o.windlass, "windlass", dir) },
		func() (*server, error) {
			return startWindlass(ctx, o.windlass, "windlass --dir", dir, "--dir", filepath.Join(dir, "windlass"))
		},
		func() (*server, error) { return startVersitygw(ctx, o.versitygw, dir) },
		func() (*server, error) { return startMinIO(ctx, o.minio, dir) },
	} {
		s, err := launch()
		if s != nil {
			servers = append(servers, s)
		}
		if err != nil {
			return servers, err
		}
	}
	return servers, nil
}

func startWindlass(ctx context.Context, binary, name, dir string, more ...string) (*server, error) {
	address, err := rig.Free(ctx)
	if err != nil {
		return nil, err
	}
	keys := filepath.Join(dir, strings.ReplaceAll(name, " ", "")+"-keys")
	s, err := launch(
		ctx,
		dir,
		name,
		binary,
		append([]string{"sandbox", "--listen", address, "--keys", keys}, more...)...)
	if err != nil {
		return s, err
	}
	key, err := rig.ReadKey(ctx, filepath.Join(keys, "customer.env"))
	if err != nil {
		return s, err
	}
	return s, s.connect(ctx, address, key.ID, key.Secret)
}

func startVersitygw(ctx context.Context, binary, dir string) (*server, error) {
	if binary == "" {
		return nil, nil //nolint:nilnil // an omitted server isn't an error
	}
	address, err := rig.Free(ctx)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "versitygw")
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, err
	}
	s, err := launch(
		ctx,
		dir,
		"versitygw",
		binary,
		"--access",
		accessKey,
		"--secret",
		secretKey,
		"--port",
		address,
		"--quiet",
		"posix",
		data,
	)
	if err != nil {
		return s, err
	}
	return s, s.connect(ctx, address, accessKey, secretKey)
}

func startMinIO(ctx context.Context, binary, dir string) (*server, error) {
	if binary == "" {
		return nil, nil //nolint:nilnil // as above
	}
	address, err := rig.Free(ctx)
	if err != nil {
		return nil, err
	}
	console, err := rig.Free(ctx)
	if err != nil {
		return nil, err
	}
	s, err := launch(
		ctx,
		dir,
		"minio",
		binary,
		"server",
		"--quiet",
		"--address",
		address,
		"--console-address",
		console,
		filepath.Join(dir, "minio"),
	)
	if err != nil {
		return s, err
	}
	return s, s.connect(ctx, address, accessKey, secretKey)
}

func launch(ctx context.Context, dir, name, binary string, arguments ...string) (*server, error) {
	p, err := rig.Launch(ctx, dir, name, []string{
		"MINIO_ROOT_USER=" + accessKey, "MINIO_ROOT_PASSWORD=" + secretKey, "MINIO_UPDATE=off",
	}, binary, arguments...)
	if err != nil {
		return nil, err
	}
	return &server{name: name, process: p}, nil
}

// stop ends a server that this run started.
func (s *server) stop() { s.process.Stop() }

// connect waits until the server responds and creates the bucket.
func (s *server) connect(ctx context.Context, address, id, secret string) error {
	endpoint := "http://" + address
	s.client = s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
		HTTPClient:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	})
	return rig.Until(ctx, func() error {
		_, err := s.client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)})
		return err
	})
}

func drain(body io.ReadCloser, buffer []byte) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, body, buffer)
	return errors.Join(err, body.Close())
}
