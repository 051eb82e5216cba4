"""The test picture's stamp, as Sources/LiveKitMedia/Patterns/PictureStamp.swift lays it out, written and read.

96 black and white cells over the lowest three of eighteen rows, each a 32nd of the picture wide: the counter,
the upper 32 of 48 bits of the milliseconds, their lower 16 bits with a CRC-16/CCITT.
"""

import numpy

COLUMNS, ROWS, FIRST_ROW = 32, 18, 15


def checksum(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
    return crc


def write(luma: numpy.ndarray, counter: int, milliseconds: int) -> None:
    """Draws the cells into a picture's brightness, rows by columns."""
    data = counter.to_bytes(4, "big") + (milliseconds & 0xFFFFFFFFFFFF).to_bytes(6, "big")
    bits = int.from_bytes(data + checksum(data).to_bytes(2, "big"), "big")
    height, width = luma.shape
    for cell in range(COLUMNS * (ROWS - FIRST_ROW)):
        row, column = FIRST_ROW + cell // COLUMNS, cell % COLUMNS
        white = bits >> (95 - cell) & 1
        top, bottom = row * height // ROWS, (row + 1) * height // ROWS
        left, right = column * width // COLUMNS, (column + 1) * width // COLUMNS
        luma[top:bottom, left:right] = 235 if white else 16


def core(index: int, count: int, size: int) -> slice:
    """The middle half of a cell, which ringing at its edges does not reach."""
    start = (4 * index + 1) * size // (4 * count)
    return slice(start, max((4 * index + 3) * size // (4 * count), start + 1))


def read(luma: numpy.ndarray) -> tuple[int, int] | None:
    """The counter and the milliseconds, or None if the checksum is wrong."""
    height, width = luma.shape
    bits = 0
    for row in range(FIRST_ROW, ROWS):
        lines = luma[core(row, ROWS, height)]
        for column in range(COLUMNS):
            bits = bits << 1 | int(lines[:, core(column, COLUMNS, width)].mean() > 126)
    data = bits.to_bytes(12, "big")
    if checksum(data[:10]) != int.from_bytes(data[10:], "big"):
        return None
    return int.from_bytes(data[:4], "big"), int.from_bytes(data[4:10], "big")
