package sql_test

import (
	"bytes"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/sql"
)

// FuzzBatch reads anything that a process could send, and checks that nothing
// crashes and that a batch is written as the same bytes.
func FuzzBatch(f *testing.F) {
	columns := []dataset.Column{
		{Type: dataset.Integer},
		{Type: dataset.String},
		{Type: dataset.Decimal, Precision: 38},
		{Type: dataset.Number},
	}
	fresh := func() *dataset.Batch {
		batch := &dataset.Batch{}
		for _, c := range columns {
			batch.Vectors = append(batch.Vectors, dataset.NewVectorOf(c, 0))
		}
		return batch
	}
	seed := fresh()
	seed.Rows = 1
	seed.Vectors[0].AppendInt(-1)
	seed.Vectors[1].AppendBytes([]byte("text"))
	seed.Vectors[2].AppendNull()
	seed.Vectors[3].AppendFloat(1.5)
	f.Add(sql.AppendBatch(nil, seed, 0, 1))
	f.Add([]byte{255, 255, 255, 255, 0})
	f.Fuzz(func(t *testing.T, content []byte) {
		batch := fresh()
		if sql.ReadBatch(content, batch) != nil {
			return
		}
		again := fresh()
		written := sql.AppendBatch(nil, batch, 0, batch.Rows)
		if err := sql.ReadBatch(written, again); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(written, sql.AppendBatch(nil, again, 0, again.Rows)) {
			t.Error("written and read back, the batch differs")
		}
	})
}

// FuzzMessages reads a stream of messages.
func FuzzMessages(f *testing.F) {
	var seed bytes.Buffer
	if err := sql.WriteJSON(&seed, sql.KindNames, &sql.Names{Parameters: []string{"a"}}); err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Bytes())
	f.Add([]byte{'B', 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, stream []byte) {
		messages := sql.NewMessages(bytes.NewReader(stream))
		for {
			_, content, err := messages.Next()
			if err != nil {
				return
			}
			if len(content) > len(stream) {
				t.Fatal("a message is longer than its stream")
			}
		}
	})
}
