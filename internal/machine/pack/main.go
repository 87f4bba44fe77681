// Command pack writes the programs of internal/machine as they travel: go generate ./internal/machine. It needs python3.
package main

import (
	"bytes"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/korakagazindia/provisioner/internal/machine"
)

const (
	// gzip in base64, which a machine unpacks that has no program yet. What is committed was packed a hundredth smaller, by zopfli.
	first = `import base64, gzip, sys
print(base64.b64encode(gzip.compress(sys.stdin.buffer.read(), 9, mtime=0)).decode(), end="")`

	// A parameter must not hold "{{", nor the template "${": see aws.py.
	others = `import base64, lzma, sys
text = sys.stdin.buffer.read()
ways = [{"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "lc": lc, "lp": 0, "pb": 0, "nice_len": nice} for lc in range(5) for nice in range(16, 64, 4)]
packed = min((lzma.compress(text, lzma.FORMAT_ALONE, filters=[way]) for way in ways), key=len)
print(base64.b85encode(packed).decode().translate({ord("{"): ".", ord("}"): "/"}), end="")`
)

func main() {
	aws, boot, revision := machine.Programs[0], machine.Programs[1], machine.Programs[2]
	if python("import base64, gzip, sys\nprint(gzip.decompress(base64.b64decode(sys.stdin.read())).decode(), end='')", aws.Packed()) != strings.TrimSpace(aws.Text()) {
		write(aws, python(first, aws.Text()))
	}
	for _, program := range []machine.Program{machine.Proxy, machine.Adopted} {
		if unpacked(program.Packed()) != program.Text() {
			write(program, python(others, program.Text()))
		}
	}
	if unpacked(boot.Packed()+revision.Packed()) != machine.Whole() { // another byte would roll a fleet
		packed := python(others, machine.Whole())
		half := len(packed) / 2
		write(boot, packed[:half])
		write(revision, packed[half:])
	}
}

// unpacked is what the machines make of it.
func unpacked(packed string) string {
	command := exec.Command("python3", "aws.py", "unpack")
	command.Stdin = strings.NewReader(packed)
	out, _ := command.Output() // nothing, where it is packed in another way
	return string(out)
}

func python(program, input string) string {
	command := exec.Command("python3", "-c", program)
	command.Stdin, command.Stderr = strings.NewReader(input), os.Stderr
	out, err := command.Output()
	if err != nil {
		log.Fatal(err)
	}
	return string(bytes.TrimSpace(out))
}

func write(program machine.Program, packed string) {
	if err := os.WriteFile(filepath.Join("packed", program.Name), []byte(packed), 0o644); err != nil {
		log.Fatal(err)
	}
}
