#!/usr/bin/env python3
"""Compares Protos/*.proto with the descriptors of the Python package livekit-protocol, both ways.

Every message, field (name, number, JSON name, type, label, presence, oneof, default, deprecation), enum
value, service and method is compared; every difference is printed, and the exit status says whether there
was one. Needs protoc, and a Python in which livekit-protocol 1.1.29 is installed:

    python3 -m venv .venv && .venv/bin/pip install livekit-protocol==1.1.29
    .venv/bin/python scripts/check-schema.py
"""

import importlib
import importlib.metadata
import pathlib
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

EXPECTED_VERSION = "1.1.29"
PROTOS = pathlib.Path(__file__).resolve().parent.parent / "Protos"

# What servers and workers say among themselves is not in a package for clients.
AMONG_SERVERS = {"livekit_internal.proto", "livekit_phone_number.proto", "psrpc.proto"}

Facts = dict[str, str]


def ours() -> dict[str, descriptor_pb2.FileDescriptorProto]:
    """Compiles our files; the well-known types they import are not part of the result."""
    names = sorted(
        path.name
        for path in PROTOS.glob("*.proto")
        if path.name not in AMONG_SERVERS and not path.name.startswith("rpc_")
    )
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / "schema.binpb"
        subprocess.run(
            ["protoc", f"--proto_path={PROTOS}", f"--descriptor_set_out={result}", *names], check=True
        )
        files = descriptor_pb2.FileDescriptorSet.FromString(result.read_bytes())
    return {file.name: file for file in files.file}


def theirs(names: list[str]) -> dict[str, descriptor_pb2.FileDescriptorProto]:
    """The package's descriptors for the files that we have."""
    found = {}
    for name in names:
        module = "livekit.protocol." + name.removeprefix("livekit_").removesuffix(".proto")
        file = descriptor_pb2.FileDescriptorProto()
        importlib.import_module(module).DESCRIPTOR.CopyToProto(file)
        found[name] = file
    return found


def field_fact(field: descriptor_pb2.FieldDescriptorProto, oneofs: list[str]) -> str:
    kind = descriptor_pb2.FieldDescriptorProto.Type.Name(field.type)
    label = descriptor_pb2.FieldDescriptorProto.Label.Name(field.label)
    parts = [f"= {field.number}", label, kind, field.type_name, f"json={json_name(field)}"]
    if field.HasField("oneof_index"):
        parts.append("optional" if field.proto3_optional else f"oneof={oneofs[field.oneof_index]}")
    if field.default_value:
        parts.append(f"default={field.default_value}")
    if field.options.deprecated:
        parts.append("deprecated")
    if field.options.HasField("packed"):
        parts.append(f"packed={field.options.packed}")
    return " ".join(part for part in parts if part)


def json_name(field: descriptor_pb2.FieldDescriptorProto) -> str:
    """The field's JSON name; a descriptor that leaves it out means the lowerCamelCase form."""
    if field.json_name:
        return field.json_name
    first, *rest = field.name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def enum_facts(enum: descriptor_pb2.EnumDescriptorProto, scope: str, facts: Facts) -> None:
    name = f"{scope}.{enum.name}"
    facts[f"enum {name}"] = "alias" if enum.options.allow_alias else "plain"
    for value in enum.value:
        facts[f"value {name}.{value.name}"] = f"= {value.number}" + (
            " deprecated" if value.options.deprecated else ""
        )


def message_facts(message: descriptor_pb2.DescriptorProto, scope: str, facts: Facts) -> None:
    name = f"{scope}.{message.name}"
    facts[f"message {name}"] = "map entry" if message.options.map_entry else "plain"
    oneofs = [oneof.name for oneof in message.oneof_decl]
    for field in message.field:
        facts[f"field {name}.{field.name}"] = field_fact(field, oneofs)
    for nested in message.nested_type:
        message_facts(nested, name, facts)
    for enum in message.enum_type:
        enum_facts(enum, name, facts)


def file_facts(file: descriptor_pb2.FileDescriptorProto) -> Facts:
    facts: Facts = {"package": file.package, "syntax": file.syntax}
    scope = f".{file.package}"
    for message in file.message_type:
        message_facts(message, scope, facts)
    for enum in file.enum_type:
        enum_facts(enum, scope, facts)
    for service in file.service:
        facts[f"service {scope}.{service.name}"] = "plain"
        for method in service.method:
            sides = ("stream " if method.client_streaming else "") + method.input_type
            sides += " -> " + ("stream " if method.server_streaming else "") + method.output_type
            facts[f"method {scope}.{service.name}.{method.name}"] = sides
    return facts


def main() -> int:
    version = importlib.metadata.version("livekit-protocol")
    if version != EXPECTED_VERSION:
        print(f"livekit-protocol {EXPECTED_VERSION} is expected; {version} is installed.")
        return 2
    mine = ours()
    reference = theirs(list(mine))
    differences = 0
    compared = 0
    for name, file in mine.items():
        left, right = file_facts(file), file_facts(reference[name])
        for key in sorted(left.keys() | right.keys()):
            compared += 1
            if left.get(key) != right.get(key):
                differences += 1
                print(f"{name}: {key}\n    ours:    {left.get(key)}\n    package: {right.get(key)}")
    print(f"{len(mine)} files, {compared} facts compared, {differences} differences.")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
