package compress_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

// Data that xz wrote.
const (
	xzHello = "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAEaGVsbG8AAAAAsTe52+XaHpsAAR0FuC2Arx+2830BAAAAAARZWg=="
	// With the filter for x86 and a checksum of SHA-256.
	xzFiltered = "/Td6WFoAAArh+wyhAgEEACEBFgANhjUfAQAEaGVsbG8AAAAALPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQAATUFEoPd8hibS5oBAAAAAApZWg=="
	// With --lzma2=dict=256MiB.
	xzLargeWindow = "/Td6WFoAAATm1rRGAgAhASAAAAAJiKV2AQAFMQoyCjMKAAAA48Gxflu4V04AAR4GwS+kHR+2830BAAAAAARZWg=="
	// 5 MB of zero bytes.
	xzZeros = "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM//8RAWxdAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopNL6MN2X+m44wjEV" +
		"PgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v+0uIEGxCy4g/XACP0E6vJiiUcR89jyThcJ6nI1/sKMuF" +
		"0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWy" +
		"BC+d1TPfgpZAk7gMsqbN+1O/DEvS5fqg8+S2ZCkBMO/xCT+HF4WfgLzf+VKEYPqfx83vuaMC5WwI+F84OBwGXEJVP49ZE2MQWlsO5vwXBNRwzR" +
		"kRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1O/DEvEgn5lif/xABKwDsc1On/b6ufDEan7" +
		"eNMW5wnqcjX+woy4XRlZiKfiqR8id19xnABphNmP3Yr9WQD8QlU/j1kTYxBaWw7m/BcE1HDNGREaqtYB26zrEnGFxZhulmUli+6XasWeTlWwUI" +
		"+cfarfz7Uit0zR5bIEL53VM9+ClkCTuAyyps37U78MS9Ll+qDz5LZkKQEw7/EJP4cXhZ+AvN/5UoRg+p/Hze+5owLlbAj4Xzg4HAZcQlU/j1kT" +
		"YxBaWw7m/BcE1HDNGREaqtYB26zrEnGFxZhulmUli+6XasWeTlWwUI+cfarfz7Uit0zR5bIEL53VM9+ClkCTuAyyps37U78MS9Ll+qDz5LZkKQ" +
		"Ew7/EJP4cXhZ+AvN/5UoRg+p/Hze+5owLlbAj4Xzg4HAZcQlUQ8/soxNHAB2AOxzU6f9vq58MRqft40xbnCepyNf7CjLhdGVmIp+KpHyJ3X3Gc" +
		"AGmE2Y/div1ZAPxCVT+PWRNjEFpbDub8FwTUcM0ZERqq1gHbrOsScYXFmG6WZSWL7pdqxZ5OVbBQj5x9qt/PtSK3TNHlsgQvndUz34JTrfpQAA" +
		"AAAA6qfsfKnlHV4AAbUGwJaxAip3EZqxxGf7AgAAAAAEWVo="
)

func decode(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestXZ(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"plain": xzHello, "filtered": xzFiltered} {
		stored := decode(t, text)
		got, kind, err := unpack(bytes.NewReader(stored))
		if got != "hello" || kind != compress.XZ || err != nil {
			t.Errorf("%s: got %q of kind %q, %v", name, got, kind, err)
		}
		for n := 7; n < len(stored); n++ {
			if _, _, err := unpack(bytes.NewReader(stored[:n])); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s cut after %d of %d bytes: %v", name, n, len(stored), err)
			}
		}
	}
	twice := bytes.Repeat(decode(t, xzHello), 2)
	if got, _, err := unpack(bytes.NewReader(twice)); got != "hellohello" || err != nil {
		t.Errorf("two streams: got %q, %v", got, err)
	}
	_, _, err := unpack(bytes.NewReader(decode(t, xzLargeWindow)))
	if problem.From(err).Reason != compress.WindowTooLarge || !strings.Contains(err.Error(), "128 MiB") {
		t.Errorf("a large dictionary: got %v", err)
	}
}
