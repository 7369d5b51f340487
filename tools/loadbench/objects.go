package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/klauspost/compress/gzip"
	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/tools/rig"
)

const bucketName = "bench"

// bucket is a bucket in a sandbox of its own.
type bucket struct {
	process  *rig.Process
	endpoint string
	key      rig.Key
	client   *s3.Client
	dir      string
}

func startBucket(ctx context.Context, binary, dir string) (*bucket, error) {
	address, err := rig.Free(ctx)
	if err != nil {
		return nil, err
	}
	keys := filepath.Join(dir, "keys")
	b := &bucket{endpoint: "http://" + address, dir: dir}
	b.process, err = rig.Launch(ctx, dir, "sandbox", nil, binary, "sandbox", "--listen", address, "--keys", keys,
		"--dir", filepath.Join(dir, "sandbox"))
	if err != nil {
		return nil, err
	}
	if b.key, err = rig.ReadKey(ctx, filepath.Join(keys, "customer.env")); err != nil {
		return nil, err
	}
	b.client = s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &b.endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(b.key.ID, b.key.Secret, ""),
	})
	return b, rig.Until(ctx, func() error {
		_, err := b.client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucketName)})
		return err
	})
}

// objectCase describes objects to load, under a prefix with the case's name.
type objectCase struct {
	name, title string
	fill        func(context.Context, *bucket) error
}

func cases(o *options) []objectCase {
	return []objectCase{
		{"csv", "one CSV", func(ctx context.Context, b *bucket) error {
			return b.put(ctx, "csv/quotes.csv", func(w io.Writer) error { return writeCSV(w, o.rows) })
		}},
		{"gzip", "the same, gzip", func(ctx context.Context, b *bucket) error {
			return b.put(ctx, "gzip/quotes.csv.gz", func(w io.Writer) error {
				z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
				if err != nil {
					return err
				}
				return errors.Join(writeCSV(z, o.rows), z.Close())
			})
		}},
		{"parquet", "Parquet with one row group", func(ctx context.Context, b *bucket) error {
			return b.put(ctx, "parquet/quotes.parquet", func(w io.Writer) error { return writeParquet(w, o.rows) })
		}},
		{"objects", fmt.Sprintf("%d objects of 17 bytes", o.objects), func(ctx context.Context, b *bucket) error {
			return b.putMany(ctx, o.objects)
		}},
	}
}

// put writes an object from a temporary file.
func (b *bucket) put(ctx context.Context, key string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(b.dir, "object-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	buffered := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(write(buffered), buffered.Flush()); err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.Seek(0, io.SeekStart)
	if err == nil {
		_, err = b.client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String(bucketName), Key: aws.String(key), Body: f,
		})
	}
	return errors.Join(err, f.Close())
}

// putMany writes n objects of 17 bytes.
func (b *bucket) putMany(ctx context.Context, n int) error {
	group, ctx := errgroup.WithContext(ctx)
	const writers = 8
	for w := range writers {
		group.Go(func() error {
			for i := w; i < n; i += writers {
				_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
					Bucket: aws.String(bucketName), Key: aws.String(fmt.Sprintf("objects/%03d/%06d.csv", i%1000, i)),
					Body: strings.NewReader(fmt.Sprintf("id,note\n%07d,a", i)), // 17 bytes
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

const daysOfKey = 1000

var firstDay = time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)

type quote struct {
	Symbol string  `parquet:"symbol"`
	Date   int32   `parquet:"date,date"`
	Open   float64 `parquet:"open"`
	High   float64 `parquet:"high"`
	Low    float64 `parquet:"low"`
	Close  float64 `parquet:"close"`
	Volume int64   `parquet:"volume"`
}

// quotes calls fn for each row, day by day.
func quotes(rows int, fn func(*quote) error) error {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same rows in each run
	var q quote
	for d := range daysOfKey {
		q.Date = int32(firstDay.Unix()/86400) + int32(d) //nolint:gosec // days of this century
		for k := range rows / daysOfKey {
			price := float64(r.IntN(50_000)) / 100
			q.Symbol = fmt.Sprintf("SYM%05d", k)
			q.Open, q.High, q.Low, q.Close, q.Volume = price, price+5, price-5, price+1, int64(r.IntN(10_000_000))
			if err := fn(&q); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeCSV(w io.Writer, rows int) error {
	if _, err := io.WriteString(w, "symbol,date,open,high,low,close,volume\n"); err != nil {
		return err
	}
	var line bytes.Buffer
	return quotes(rows, func(q *quote) error {
		line.Reset()
		fmt.Fprintf(&line, "%s,%s,%.2f,%.2f,%.2f,%.2f,%d\n", q.Symbol,
			time.Unix(int64(q.Date)*86400, 0).UTC().Format(time.DateOnly), q.Open, q.High, q.Low, q.Close, q.Volume)
		_, err := w.Write(line.Bytes())
		return err
	})
}

func writeParquet(w io.Writer, rows int) error {
	out := parquet.NewGenericWriter[quote](w, parquet.MaxRowsPerRowGroup(int64(rows)),
		parquet.Compression(&parquet.Snappy))
	err := quotes(rows, func(q *quote) error {
		_, err := out.Write([]quote{*q})
		return err
	})
	return errors.Join(err, out.Close())
}
