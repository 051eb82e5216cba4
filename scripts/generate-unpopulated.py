#!/usr/bin/env python3
"""Writes what answers in JSON say of fields that hold nothing: for each message that an API answers with, its
fields, what stands for an absent value, and which message a field holds. Needs protoc and nothing else.

    scripts/generate-unpopulated.py > Sources/LiveKitProtobuf/Generated/UnpopulatedFields.swift
"""

import pathlib
import subprocess
import sys
import tempfile

PROTOS = pathlib.Path(__file__).resolve().parent.parent / "Protos"
TEXTS = {"TYPE_STRING", "TYPE_BYTES"}
# Numbers that JSON writes as texts.
QUOTED = {"TYPE_INT64", "TYPE_UINT64", "TYPE_SINT64", "TYPE_FIXED64", "TYPE_SFIXED64"}

HEADER = """// Made by scripts/generate-unpopulated.py from Protos.

/// What JSON says of fields that hold nothing, as protobuf's Go library writes it with `EmitUnpopulated`.
package enum UnpopulatedFields {
    /// A message on each line: its name, then its fields as `name=default>message`. Without a default it is left out,
    /// as members of a oneof are; without a message it is a scalar.
    package static let table = #\"\"\"
"""


def parse(lines):
    """Reads protoc's text format: each block a list of (name, value or block)."""
    block = []
    for line in lines:
        line = line.strip()
        if line == "}":
            return block
        if line.endswith("{"):
            block.append((line[:-1].strip(), parse(lines)))
        elif line:
            name, _, value = line.partition(":")
            block.append((name, value.strip().strip('"')))
    return block


def every(block, name):
    return [value for key, value in block if key == name]


def one(block, name, default=""):
    return (every(block, name) or [default])[0]


def descriptors():
    names = sorted(path.name for path in PROTOS.glob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        binary = pathlib.Path(folder) / "schema.binpb"
        subprocess.run(["protoc", f"--proto_path={PROTOS}", f"--descriptor_set_out={binary}", *names], check=True)
        text = subprocess.run(
            ["protoc", "--decode=google.protobuf.FileDescriptorSet", "google/protobuf/descriptor.proto"],
            stdin=binary.open("rb"), check=True, capture_output=True, text=True,
        ).stdout
    return every(parse(iter(text.splitlines())), "file")


def collect(messages, enums, block, scope):
    for message in every(block, "message_type") + every(block, "nested_type"):
        name = f"{scope}.{one(message, 'name')}"
        messages[name] = message
        collect(messages, enums, message, name)
    for enum in every(block, "enum_type"):
        enums[f"{scope}.{one(enum, 'name')}"] = one(every(enum, "value")[0], "name")


def described(field, messages, enums):
    """A field as `name=default>message`, and the message to describe too."""
    name, kind, target = one(field, "name"), one(field, "type"), one(field, "type_name")
    message = target if kind == "TYPE_MESSAGE" and target in messages else ""
    if one(field, "label") == "LABEL_REPEATED":
        if message and one(one(messages[message], "options", []), "map_entry") == "true":
            value = next(f for f in every(messages[message], "field") if one(f, "number") == "2")
            _, _, inner = described(value, messages, enums)
            return name, "{}", inner
        return name, "[]", message
    if every(field, "oneof_index"):
        return name, "", message
    if kind in TEXTS:
        return name, '""', ""
    if kind in QUOTED:
        return name, '"0"', ""
    if kind == "TYPE_BOOL":
        return name, "false", ""
    if kind == "TYPE_ENUM":
        return name, f'"{enums[target]}"', ""
    return name, "null" if kind == "TYPE_MESSAGE" else "0", message


def main():
    messages, enums, wanted = {}, {}, []
    for file in descriptors():
        scope = "." + one(file, "package")
        collect(messages, enums, file, scope)
        for service in every(file, "service"):
            wanted += [one(method, "output_type") for method in every(service, "method")]
    lines = {}
    while wanted:
        name = wanted.pop()
        if name in lines or name not in messages:
            continue
        parts = []
        for field in every(messages[name], "field"):
            label, default, inner = described(field, messages, enums)
            parts.append(label + (f"={default}" if default else "") + (f">{inner[1:]}" if inner else ""))
            wanted.append(inner)
        lines[name] = " ".join([name[1:], *parts])
    sys.stdout.write(HEADER)
    for name in sorted(lines):
        sys.stdout.write(f"        {lines[name]}\n")
    sys.stdout.write('        """#\n}\n')


if __name__ == "__main__":
    main()
