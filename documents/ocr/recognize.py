"""Program that recognizes the text of scans: `python -I -c "... recognize.main()"`.

It reads a `Job` as JSON from its standard input and prints a `ScannedPage` as JSON, in one
line, for each scan. It has no access to the database, the settings or the environment.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from documents.ocr.messages import Scan, ScanLine, ScannedPage

DPI = 200
MAX_PIXELS = 12_000_000
"""Upper bound on the pixels of a rendered page; a larger one has fewer dots per inch."""
MAX_IMAGE_PIXELS = 100_000_000
"""Upper bound on the pixels of an image file."""
MIN_SCORE = 0.5
"""Lower bound on the confidence of a line that is kept."""
UPRIGHT_SCORE = 0.85
"""Mean confidence from which a page is not tried upside down."""
TALL = 1.5
"""Ratio of height and width of a line that is turned by 90 degrees."""

Engine = Any
"""A RapidOCR object; the package has no types."""


@dataclass(frozen=True, slots=True)
class Job:
    """The scans to read, in order, and the options of the recognition."""

    scans: tuple[Scan, ...]
    language: str
    model_dir: str
    threads: int
    memory_bytes: int


JOB = TypeAdapter(Job)
PAGE = TypeAdapter(ScannedPage)


def main() -> None:
    """Print the result of each scan as soon as it is known."""
    job = JOB.validate_json(sys.stdin.buffer.read())
    with contextlib.suppress(ValueError, OSError):  # macOS can't limit memory
        resource.setrlimit(resource.RLIMIT_DATA, (job.memory_bytes, job.memory_bytes))
    os.nice(5)
    engine = load(job)
    for scan in job.scans:
        sys.stdout.buffer.write(PAGE.dump_json(read(engine, scan)) + b"\n")
        sys.stdout.buffer.flush()


def load(job: Job) -> Engine:
    """Load the models of a language."""
    from rapidocr import LangRec, OCRVersion, RapidOCR

    params: dict[str, Any] = {
        "Global.log_level": "critical",
        "Global.use_cls": False,
        "EngineConfig.onnxruntime.intra_op_num_threads": job.threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    if job.language:
        params |= {
            "Rec.lang_type": LangRec(job.language),
            "Rec.ocr_version": OCRVersion.PPOCRV5,
            "Rec.model_type": "mobile",
            "Rec.model_path": str(model_file(job.language, Path(job.model_dir))),
        }
    return RapidOCR(params=params)


def model_file(language: str, folder: Path) -> Path:
    """Return the file of a language's model, as RapidOCR names it."""
    return folder / f"{language}_PP-OCRv5_rec_mobile.onnx"


def read(engine: Engine, scan: Scan) -> ScannedPage:
    """Return the text of a scan, or a page with the error."""
    try:
        image, scale = render(scan)
        return recognize(engine, image, scale)
    except MemoryError:
        return ScannedPage(error="it needs too much memory")
    except Exception as error:  # noqa: BLE001 - any error is about this page only
        return ScannedPage(error=f"{type(error).__name__}: {error}"[:300])


def render(scan: Scan) -> tuple[Any, float]:
    """Return the pixels of a scan (rows, columns, BGR) and the pixels per point."""
    import numpy as np

    if scan.path.suffix.lower() != ".pdf":
        return np.asarray(image_frame(scan))[:, :, ::-1], 1.0
    import pypdfium2

    document = pypdfium2.PdfDocument(scan.path, password=scan.password or None)
    page = document[scan.page - 1]
    width, height = page.get_size()
    scale = min(DPI / 72, (MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    return page.render(scale=scale, may_draw_forms=False).to_numpy()[:, :, :3], scale


def image_frame(scan: Scan) -> Any:
    """Return a frame of an image file as shown: turned, and on a white background."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
    with Image.open(scan.path) as file:
        file.seek(scan.page - 1)
        image = ImageOps.exif_transpose(file).convert("RGBA")
    background = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(background, image).convert("RGB")


def recognize(engine: Engine, image: Any, scale: float) -> ScannedPage:
    """Return the text of an image, which may be turned by 90, 180 or 270 degrees."""
    import numpy as np

    height, width = image.shape[0] / scale, image.shape[1] / scale
    angle, result = 0, engine(image)
    score = _score(result)
    for turned in (90, 270) if _is_tall(result) else (180,):
        if score > UPRIGHT_SCORE and not _is_tall(result):
            break
        other = engine(np.ascontiguousarray(np.rot90(image, turned // 90)))
        if _is_tall(result) or _score(other) > score:
            angle, result, score = turned, other, _score(other)
    lines = tuple(_lines(result, angle, width, height, scale))
    return ScannedPage(lines, angle, width, height)


def _score(result: Any) -> float:
    """Return the mean confidence of the lines."""
    return sum(result.scores) / len(result.scores) if result.scores else 0.0


def _is_tall(result: Any) -> bool:
    """Return whether most lines run from top to bottom or from bottom to top."""
    boxes = result.boxes if result.boxes is not None else []
    tall = sum(
        (box[:, 1].max() - box[:, 1].min()) > TALL * (box[:, 0].max() - box[:, 0].min())
        for box in boxes
    )
    return bool(tall * 2 > len(boxes))


def _lines(
    result: Any, angle: int, width: float, height: float, scale: float
) -> Iterator[ScanLine]:
    """Yield the lines with boxes in the frame of `documents.parsing.pdf.page_frame.turn`."""
    left, top = {
        0: (0.0, 0.0),
        90: (0.0, -width),
        180: (-width, -height),
        270: (-height, 0.0),
    }[angle]
    if result.boxes is None:
        return
    for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        if score < MIN_SCORE or not text.strip():
            continue
        x, y = box[:, 0] / scale, box[:, 1] / scale
        yield ScanLine(
            text.strip(),
            float(x.min()) + left,
            float(y.min()) + top,
            float(x.max()) + left,
            float(y.max()) + top,
        )


if __name__ == "__main__":
    main()
