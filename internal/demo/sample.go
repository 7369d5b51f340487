package demo

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/parquet-go/parquet-go"
)

const (
	sampleWells = 120
	sampleDays  = 60
)

var sampleStart = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// sample returns the sample files: data of a valley's wells in every supported
// format. They are the same in every run. Three lines of levels end early, as when a
// logger loses power, so that some rows are rejected.
func sample() ([]file, error) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // sample data, the same each time on purpose
	levels, err := compress(sampleLevels(random))
	if err != nil {
		return nil, err
	}
	flow, err := sampleFlow(random)
	if err != nil {
		return nil, err
	}
	quality, err := sampleQuality(random)
	if err != nil {
		return nil, err
	}
	return []file{
		{name: "wells.csv", body: sampleWellTable(random)},
		{name: "levels.csv.gz", body: levels},
		{
			name: "tariffs.tsv",
			body: []byte(
				"tariff\tfrom\tprice_per_m3\nhousehold\t2026-01-01\t1.84\n" +
					"farm\t2026-01-01\t0.92\nworks\t2026-01-01\t1.31\nhousehold\t2026-07-01\t1.9\n",
			),
		},
		{name: "pumps.jsonl", body: samplePumps(random)},
		{name: "quality.json", body: quality},
		{name: "flow.parquet", body: flow},
	}, nil
}

func wellID(i int) string { return fmt.Sprintf("W-%04d", i+1) }

func sampleWellTable(random *rand.Rand) []byte {
	var b bytes.Buffer
	b.WriteString("well_id,parish,latitude,longitude,depth_m,drilled,active\n")
	parishes := []string{"Upper Ford", "Lower Ford", "Mill End", "Three Elms", "\"Barrow, East\""}
	for i := range sampleWells {
		drilled := sampleStart.AddDate(0, 0, -random.IntN(36_500))
		fmt.Fprintf(
			&b,
			"%s,%s,%.5f,%.5f,%d,%s,%t\n",
			wellID(i),
			parishes[random.IntN(len(parishes))],
			51.5+random.Float64()/5,
			-2.5+random.Float64()/5,
			12+random.IntN(140),
			drilled.Format(time.DateOnly),
			random.IntN(9) > 0,
		)
	}
	return b.Bytes()
}

func sampleLevels(random *rand.Rand) []byte {
	var b bytes.Buffer
	b.WriteString("well_id,date,level_m,temperature_c\n")
	for i := range sampleWells {
		level := 4 + 30*random.Float64()
		for day := range sampleDays {
			level += random.Float64() - 0.5
			fmt.Fprintf(&b, "%s,%s,%.2f", wellID(i), sampleStart.AddDate(0, 0, day).Format(time.DateOnly), level)
			if temperature := 9 + 3*random.Float64(); i%25 != 18 || i <= 50 || day != 31 {
				fmt.Fprintf(&b, ",%.1f", temperature)
			}
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

func samplePumps(random *rand.Rand) []byte {
	var b bytes.Buffer
	at := sampleStart
	for run := range 2_000 {
		at = at.Add(time.Duration(1+random.IntN(90)) * time.Minute)
		fmt.Fprintf(&b, "{\"run\":\"R-%06d\",\"well_id\":%q,\"started_at\":%q,\"minutes\":%d,\"litres\":%.1f}\n",
			run+1, wellID(random.IntN(sampleWells)), at.Format(time.RFC3339), 5+random.IntN(120), 4000*random.Float64())
	}
	return b.Bytes()
}

// qualitySample is an element of the array in quality.json.
type qualitySample struct {
	Sample  string             `json:"sample"`
	WellID  string             `json:"well_id"`
	Date    string             `json:"date"`
	Results map[string]float64 `json:"results"`
	Passed  bool               `json:"passed"`
}

func sampleQuality(random *rand.Rand) ([]byte, error) {
	samples := make([]qualitySample, 600)
	for i := range samples {
		nitrate := 60 * random.Float64()
		samples[i] = qualitySample{
			Sample: fmt.Sprintf("Q-%05d", i+1), WellID: wellID(random.IntN(sampleWells)),
			Date:    sampleStart.AddDate(0, 0, random.IntN(sampleDays)).Format(time.DateOnly),
			Results: map[string]float64{"nitrate_mg_l": nitrate, "ph": 6 + 2*random.Float64()}, Passed: nitrate < 50,
		}
	}
	return json.Marshal(map[string]any{"type": "collection", "samples": samples})
}

// flowReading is a row of flow.parquet.
type flowReading struct {
	WellID      string    `parquet:"well_id,dict"`
	At          time.Time `parquet:"at,timestamp(microsecond)"`
	LitresPerS  float64   `parquet:"litres_per_s"`
	ValveOpen   bool      `parquet:"valve_open"`
	PressureKPa *int64    `parquet:"pressure_kpa,optional"`
}

func sampleFlow(random *rand.Rand) ([]byte, error) {
	rows := make([]flowReading, 0, 20_000)
	for i := range cap(rows) {
		row := flowReading{
			WellID: wellID(i % sampleWells), At: sampleStart.Add(time.Duration(i/sampleWells) * 10 * time.Minute),
			LitresPerS: 3 * random.Float64(), ValveOpen: random.IntN(4) > 0,
		}
		if random.IntN(10) > 0 {
			kilopascals := 90 + random.Int64N(60)
			row.PressureKPa = &kilopascals
		}
		rows = append(rows, row)
	}
	var b bytes.Buffer
	err := parquet.Write(&b, rows, parquet.Compression(&parquet.Snappy))
	return b.Bytes(), err
}

func compress(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
