"""The command line: what it prints, its exit status, and what it does not load."""

import itertools
import json
import os
import re
import subprocess
import sys
import types
from importlib import metadata
from pathlib import Path

import cv2
import nbformat
import numpy as np
import pypdfium2
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import digitlib.cli.read as command_line
from digitlib.cli.main import main
from digitlib.data import DataError, load_samples
from digitlib.handwriting.hands import make_hand
from digitlib.labels import read_labels
from digitlib.reading.network import ModelError, load_recognizer, save_layers
from digitlib.reading.number import read_number
from digitlib.reading.reader import read_digit
from digitlib.worksheets import make_sheet
from digitlib.worksheets.simulate import fill_sheet, print_sheet

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder with pictures, good and bad, that commands run in."""
    page = np.full((120, 300), 230, np.uint8)
    page[30:100, 45:53] = page[30:100, 145:153] = page[30:100, 245:253] = 40
    cv2.imwrite(str(tmp_path / "ones.png"), page)
    cv2.imwrite(str(tmp_path / "one.png"), page[:, :100])
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((80, 80), 230, np.uint8))
    (tmp_path / "text.png").write_text("Dear diary", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, **options):
    """Run the command line as a program."""
    return subprocess.run(
        [sys.executable, "-m", "digitlib", *arguments], capture_output=True, timeout=400, **options
    )


# --- read ---------------------------------------------------------------------------------------------------


def test_read_prints_a_line_for_each_photo(photos, capsys):
    assert main(["read", "one.png", "one.png"]) == 0
    confidence = read_digit("one.png").confidence
    assert capsys.readouterr().out == 2 * f"one.png  1  {confidence:.1%}\n"


def test_read_says_when_it_is_not_sure(photos, capsys, monkeypatch):
    unsure = types.SimpleNamespace(
        digit=4, label="4", classes=tuple("0123456789"), confidence=0.515, certain=False
    )
    unsure.probabilities = np.full(10, 0.1, np.float32)
    monkeypatch.setattr(command_line, "read_digit", lambda photo, network: unsure)
    assert main(["read", "one.png"]) == 0
    assert capsys.readouterr().out == "one.png  4  51.5%  not sure\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.png", "does not exist"),
        ("*.gif", "does not exist"),
        ("folder", "is a folder"),
        ("text.png", "only text"),
        ("blank.png", "no ink"),
    ],
)
@pytest.mark.parametrize("number", [[], ["--number"]])
def test_a_bad_photo_gets_its_error_on_its_line(photos, capsys, name, reason, number):
    assert main(["read", *number, name, "one.png"]) == 1
    bad, good = capsys.readouterr().out.splitlines()
    assert bad.startswith(f"{name}  error: ")
    assert reason in bad
    assert good.startswith("one.png  1  ")


@pytest.mark.parametrize("number", [[], ["--number"]])
def test_many_photos_are_read_by_all_cores_in_their_order(photos, number, monkeypatch, capsys):
    names = ["one.png", "gone.png", "blank.png", "ones.png"] * 20
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert main(["read", "--json", *number, *names]) == 1
    alone = capsys.readouterr().out
    shared = run("read", "--json", *number, *names, encoding="utf-8")
    assert (shared.returncode, shared.stdout, shared.stderr) == (1, alone, "")
    assert [json.loads(line)["file"] for line in alone.splitlines()] == names


def test_a_network_reads_many_photos(photos):
    save_layers(photos / "own.npz", load_recognizer().layers)
    shared = run("read", "--network", "own.npz", *["one.png"] * 64, encoding="utf-8")
    assert shared.stdout.count("one.png  1  ") == 64


def test_json_says_what_the_reading_says(photos, capsys):
    assert main(["read", "--json", "one.png", "gone.png"]) == 1
    good, bad = map(json.loads, capsys.readouterr().out.splitlines())
    reading = read_digit("one.png")
    assert list(good) == ["file", "digit", "confidence", "certain", "probabilities"]
    assert (good["file"], good["digit"]) == ("one.png", 1)
    assert good["confidence"] == reading.confidence
    assert good["certain"] is True
    assert good["probabilities"] == reading.probabilities.tolist()
    assert list(bad) == ["file", "error"]
    assert "does not exist" in bad["error"]


def test_number_reads_several_digits(photos, capsys):
    assert main(["read", "--number", "ones.png"]) == 0
    assert capsys.readouterr().out == f"ones.png  111  {read_number('ones.png').confidence:.1%}\n"


def test_what_is_known_of_a_number_is_used(photos, capsys):
    assert main(["read", "--number", "--pattern", "d.dd", "ones.png"]) == 0
    assert capsys.readouterr().out.startswith("ones.png  1.11  ")
    Path("class.txt").write_text("112\n77\n", encoding="utf-8")
    assert main(["read", "--number", "--among", "class.txt", "ones.png"]) == 0
    assert capsys.readouterr().out.startswith("ones.png  112  ")
    assert main(["read", "--number", "--among", "113,77", "--at-most", "100", "ones.png"]) == 0
    assert capsys.readouterr().out.startswith("ones.png  77  ")
    assert main(["read", "--number", "--pattern", "xx", "ones.png"]) == 1
    assert "allowed is a d for each digit" in capsys.readouterr().err
    assert main(["read", "--at-most", "20", "ones.png"]) == 1
    assert "add --number" in capsys.readouterr().err


def test_rows_of_a_number_share_a_line(photos, capsys):
    page = np.full((400, 200), 230, np.uint8)
    page[50:150, 60:70] = page[50:150, 130:140] = page[250:350, 95:105] = 40
    cv2.imwrite("rows.png", page)
    assert main(["read", "--number", "rows.png"]) == 0
    assert capsys.readouterr().out.startswith("rows.png  11 / 1  ")


def test_number_as_json(photos, capsys):
    assert main(["read", "--number", "--json", "ones.png", "blank.png"]) == 1
    good, bad = map(json.loads, capsys.readouterr().out.splitlines())
    readings = read_number("ones.png")
    assert (good["file"], good["text"], good["certain"]) == ("ones.png", "111", True)
    assert good["confidence"] == readings.confidence
    assert [digit["digit"] for digit in good["digits"]] == [1, 1, 1]
    assert [digit["box"] for digit in good["digits"]] == [list(reading.box) for reading in readings]
    assert list(bad) == ["file", "error"]


def test_patterns_that_the_shell_left_are_expanded(photos, capsys):
    Path("one[1].png").write_bytes(Path("one.png").read_bytes())
    assert main(["read", "one*.png", str(photos / "on?.png"), "one[1].png"]) == 0
    names = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["one.png", "one[1].png", "ones.png", str(photos / "one.png"), "one[1].png"]


def test_odd_file_names_keep_to_their_line(photos, capsys):
    assert main(["read", "a\nb.png", "--json"]) == 1
    assert main(["read", "a\nb.png"]) == 1
    as_json, as_text = capsys.readouterr().out.splitlines()
    assert json.loads(as_json)["file"] == "a\nb.png"
    assert as_text.startswith(r"'a\nb.png'  error")


def test_read_with_a_network_of_your_own(photos, tmp_path, capsys):
    """The shipped layers under a card that turns the classes round."""
    save_layers(tmp_path / "digits.npz", load_recognizer().layers)
    (tmp_path / "model_card.json").write_text('{"classes": "9876543210"}', encoding="utf-8")
    sample = next(sample for sample in load_samples() if sample.label == "7")
    assert main(["read", "--network", str(tmp_path), str(sample.path)]) == 0
    assert f"{sample.path}  2  " in capsys.readouterr().out
    assert main(["read", "--network", "nowhere", str(sample.path)]) == 1
    assert "nowhere is not opened here. Allowed are .npz files" in capsys.readouterr().err


def test_a_missing_network_is_said_once(photos, capsys, monkeypatch):
    def missing(*path):
        raise ModelError("The trained network is missing.")

    monkeypatch.setattr(sys.modules["digitlib.reading.both"], "load_recognizer", missing)
    assert main(["read", "one.png", "gone.png"]) == 1
    assert capsys.readouterr() == ("", "The trained network is missing.\n")


def test_read_works_on_a_windows_code_page(photos):
    Path("一.png").write_bytes(Path("one.png").read_bytes())
    done = run(
        "read", "一.png", "零.png", env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    )
    assert done.returncode == 1
    assert done.stderr == b""
    assert [line.split()[0] for line in done.stdout.decode("utf-8").splitlines()] == ["一.png", "零.png"]


def test_read_and_help_load_nothing_heavy(photos):
    code = (
        "import sys; from digitlib.cli.main import main; main(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    command = [sys.executable, "-c", code, "read", "--number", "one.png"]
    loaded = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout.split()
    heavy = {"tensorflow", "keras", "matplotlib", "ipywidgets", "nbformat", "papermill", "IPython", "tqdm"}
    assert "cv2" in loaded
    assert not heavy & set(loaded)


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_reader_that_has_seen_enough_is_no_error(photos):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "digitlib", "read", "one.png", "one.png"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=120)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 1


# --- all commands -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["read"], "PHOTO"),
        (["read", "--loud", "one.png"], "unrecognized arguments: --loud"),
        (["train", "--out", "x", "--profile", "huge"], "invalid choice: 'huge'"),
        (["train"], "--out"),
        (["train", "--out", "x", "--epochs", "0"], "'0' is not a whole number from 1"),
        (["train", "--out", "x", "--seed", "-1"], "'-1' is not a whole number from 0"),
        (["train", "--out", "x", "--seed", "4294967296"], "to 4294967295"),
        (["report", "--set", "seed"], "'seed' is not of the form NAME=VALUE"),
        (["report", "--set", "=5"], "NAME=VALUE"),
        (["student"], "--out"),
    ],
)
def test_wrong_arguments_are_named(arguments, message, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 2
    assert message in capsys.readouterr().err


def test_a_bare_call_helps(capsys):
    assert main([]) == 0
    said = capsys.readouterr().out
    assert "digitlib read photo.jpg" in said
    assert all(command in said for command in ("read", "train", "report", "student"))


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["--version"])
    assert leaving.value.code == 0
    assert capsys.readouterr().out == f"digitlib {metadata.version('digitlib')}\n"


@pytest.mark.parametrize(
    ("arguments", "missing", "extras"),
    [
        (["report"], "nbformat", "lessons,reports"),
        (["student", "--out", "copies"], "nbformat", "lessons"),
        (["train", "--out", "run"], "keras", "train"),
    ],
)
def test_a_command_without_its_extra_says_what_to_type(arguments, missing, extras, tmp_path):
    program = (
        f"import sys; sys.modules[{missing!r}] = None; from digitlib.cli.main import main; sys.exit(main())"
    )
    call = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"{missing} is not installed. This command needs more than reading does: "
        f'python -m pip install -e ".[{extras}]"'
    )


def test_ctrl_c_ends_with_a_clean_line(photos, capsys, monkeypatch):
    def stop(photo, network):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "read_digit", stop)
    assert main(["read", "one.png"]) == 130
    assert capsys.readouterr() == ("", "Stopped.\n")


def test_what_was_just_starting_when_ctrl_c_came_is_not_complained_of(tmp_path):
    program = """
import signal
import sys
from digitlib.cli import main
from digitlib.notebooks import student_copies

async def start_kernel():
    pass

def interrupted_before_it_waits(*_, **__):
    [start_kernel(), signal.raise_signal(signal.SIGINT)]

student_copies.write_student_copies = interrupted_before_it_waits
sys.exit(main.main(["student", "--out", "copies"]))
"""
    call = [sys.executable, "-c", program]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "Stopped.\n")


# --- worksheet and collect ----------------------------------------------------------------------------------


def test_a_sheet_is_printed_filled_and_collected(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.txt").write_text("1 7 1 7\n12 305\n", encoding="utf-8-sig")
    assert main(["worksheet", "--out", "s.pdf", "--sheets", "2", "--first", "8", "--plan", "plan.txt"]) == 0
    assert capsys.readouterr().out == "s.pdf: 2 to print. Scale: 100 %, or fit to page.\n"
    assert len(pypdfium2.PdfDocument("s.pdf")) == 2
    sheet = make_sheet(["1 7 1 7"], number=8)
    page = fill_sheet(
        print_sheet(sheet), sheet, make_hand(np.random.default_rng(0)), np.random.default_rng(0)
    )
    cv2.imwrite("photo.png", page)
    assert main(["collect", "*.png", "--out", "mine"]) == 0
    assert capsys.readouterr().out.startswith("photo.png: 4 pictures\n4 pictures added.")
    assert [row.label for row in read_labels(tmp_path / "mine")] == ["1", "7", "1", "7"]
    assert main(["collect", "photo.png", "absent.png", "--out", "mine"]) == 1
    out, err = capsys.readouterr()
    assert "sheet_0008 is there already." in out and "'absent.png' does not exist" in out
    assert err == "1 could not be used: see above.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("worksheet", "--plan", "absent.txt", "--out", "s.pdf"), "absent.txt"),
        (("worksheet", "--language", "../de", "--out", "s.pdf"), "Allowed are de, en, es, fr"),
        (("worksheet", "--plan", "bad.txt", "--out", "s.pdf"), "Row 1 of the plan is '1 - 2'"),
        (("worksheet", "--plan", "bytes.txt", "--out", "s.pdf"), "bytes.txt is no text"),
        (("collect", "s.jpg", "--out", "broken"), "labels.csv, line 2: absent.png is not there"),
    ],
)
def test_what_cannot_be_printed_or_collected_is_told(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.txt").write_text("1-2", encoding="utf-8")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00\xd8")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "labels.csv").write_text("file,label\nabsent.png,7\n", encoding="utf-8")
    assert main(arguments) == 1
    assert message in capsys.readouterr().err and not (tmp_path / "s.pdf").exists()


@pytest.mark.parametrize("command", [["worksheet"], ["collect", "photo.jpg"]])
def test_missing_packages_of_worksheets_are_named(command, tmp_path, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("digitlib.worksheets")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    assert main([*command, "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == 'pypdfium2 is missing: pip install "digitlib[worksheets]".\n'


# --- train --------------------------------------------------------------------------------------------------


@pytest.fixture
def training(monkeypatch):
    """A stand-in for digitlib.training.fit, which would load TensorFlow; it keeps what it was called with."""
    fake = types.ModuleType("digitlib.training.fit")
    fake.PROFILES = {"quick": types.SimpleNamespace(epochs=2), "full": types.SimpleNamespace(epochs=36)}
    fake.calls = []

    def train(*arguments):
        *settings, say, progress = arguments
        fake.calls.append(settings)
        say("going on after epoch 1")
        for number in (2, 3):
            progress(number / 3)
            say(f"epoch {number:2d} of 3: loss 0.1000")
        card = {"test_accuracy": 0.9912, "test_accuracy_interval": [0.9891, 0.9929]}
        return types.SimpleNamespace(card=card)

    fake.train = train
    monkeypatch.setitem(sys.modules, "digitlib.training.fit", fake)
    monkeypatch.setitem(sys.modules, "digitlib.training", types.SimpleNamespace(fit=fake))
    monkeypatch.setattr(
        "digitlib.explaining.neighbors.write_index", lambda path, *mnist: fake.calls[-1].append(path)
    )
    return fake


def test_train_passes_its_options_on_and_prints_a_line_an_epoch(training, tmp_path, capsys):
    out = tmp_path / "new" / "run"
    assert main(["train", "--profile", "full", "--seed", "7", "--epochs", "3", "--out", str(out)]) == 0
    assert training.calls == [["full", 7, 3, out, out / "digits.npz"]]
    lines = capsys.readouterr().out.splitlines()
    assert "going on after epoch 1" in lines
    assert lines[-3:-1] == ["epoch  2 of 3: loss 0.1000", "epoch  3 of 3: loss 0.1000"]
    assert lines[-1] == f"test accuracy 99.12% (98.91% to 99.29%); written to {out}"


def test_train_has_defaults(training, tmp_path):
    assert main(["train", "--out", str(tmp_path)]) == 0
    assert training.calls == [["quick", 0, 2, tmp_path, tmp_path / "digits.npz"]]


def test_bar_counts_the_time_left_from_where_this_run_began(training, monkeypatch, tmp_path, capsys):
    clock = itertools.count(step=60)
    monkeypatch.setattr("tqdm.std.time", lambda: next(clock))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["train", "--out", str(tmp_path)]) == 0
    bars = capsys.readouterr().err.split("\r")
    assert any(" 67 % |" in bar for bar in bars)
    assert any("100 % |" in bar and "00:00 left" in bar for bar in bars)


@pytest.mark.parametrize("name", ["digits.keras", "digits.npz", "model_card.json"])
def test_train_does_not_write_over_a_network(training, tmp_path, capsys, name):
    (tmp_path / name).write_bytes(b"precious")
    assert main(["train", "--out", str(tmp_path)]) == 1
    assert f"already holds a network ({name})" in capsys.readouterr().err
    assert training.calls == []
    assert (tmp_path / name).read_bytes() == b"precious"


def test_train_goes_on_only_with_what_was_begun(training, tmp_path, capsys):
    begun = {"settings": {"profile": "full", "seed": 3, "epochs": 36}, "history": {}}
    (tmp_path / "unfinished.json").write_text(json.dumps(begun), encoding="utf-8")
    assert main(["train", "--out", str(tmp_path), "--profile", "full", "--seed", "4"]) == 1
    assert "Go on with --profile full --seed 3 --epochs 36, or choose" in capsys.readouterr().err
    assert training.calls == []
    assert main(["train", "--out", str(tmp_path), "--profile", "full", "--seed", "3"]) == 0


def test_train_goes_on_where_it_was_stopped_while_it_wrote_the_network(training, tmp_path):
    begun = {"settings": {"profile": "quick", "seed": 0, "epochs": 2}, "history": {}}
    (tmp_path / "unfinished.json").write_text(json.dumps(begun), encoding="utf-8")
    (tmp_path / "digits.keras").write_bytes(b"half a result")
    assert main(["train", "--out", str(tmp_path)]) == 0
    assert len(training.calls) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "shipped"], "--from says nothing here"),
        (["--data", "mine", "--profile", "quick", "--from", "runs/a"], "--from says nothing here"),
        (["--data", "mine", "--profile", "lines"], "Allowed are quick and full"),
        (["--data", "mine", "--profile", "letters"], "Allowed are quick and full"),
        (["--emnist", "there"], "--emnist says nothing here"),
    ],
)
def test_train_refuses_what_does_not_go_together(training, tmp_path, capsys, arguments, message):
    assert main(["train", "--out", str(tmp_path), *arguments]) == 1
    assert message in capsys.readouterr().err and training.calls == []


@pytest.fixture
def own_training(training, monkeypatch):
    """A stand-in for digitlib.training.own."""
    fake = types.ModuleType("digitlib.training.own")
    fake.EPOCHS, fake.SHIPPED, fake.calls = 6, "the shipped network", training.calls
    card = {"held_out_accuracy": 0.95, "held_out_interval": [0.9, 0.97], "held_out_pictures": 160}
    card |= {"split": "by writer", "validation_accuracy": 0.9966}

    def train_on(*arguments):
        fake.calls.append(list(arguments[:6]))
        return types.SimpleNamespace(card=card)

    fake.train_on = train_on
    monkeypatch.setitem(sys.modules, "digitlib.training.own", fake)
    sys.modules["digitlib.training"].own = fake
    return fake


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        ([], ["the shipped network", "quick", 0, 6]),
        (["--from", "shipped", "--seed", "3"], ["the shipped network", "quick", 3, 6]),
        (["--from", "runs/a", "--epochs", "2"], ["runs/a", "quick", 0, 2]),
        (["--profile", "full"], [None, "full", 0, 36]),
    ],
)
def test_train_on_own_digits(own_training, tmp_path, capsys, arguments, call):
    data, out = tmp_path / "mine", tmp_path / "run"
    assert main(["train", "--data", str(data), "--out", str(out), *arguments]) == 0
    assert own_training.calls == [[data, *call, out, out / "digits.npz"]]
    told = "read right: 95.0% (90.0% to 97.0%) of 160 own digits held out by writer, 99.66% of MNIST's"
    assert told in capsys.readouterr().out


def test_train_on_own_digits_goes_on_only_with_what_was_begun(own_training, tmp_path, capsys):
    settings = {"data": "mine", "from": "shipped", "seed": 0, "epochs": 6, "digits_sha256": "0"}
    (tmp_path / "unfinished.json").write_text(json.dumps({"settings": settings}), encoding="utf-8")
    assert main(["train", "--out", str(tmp_path), "--data", "other"]) == 1
    assert "Go on with --data mine --from shipped --seed 0 --epochs 6" in capsys.readouterr().err
    assert main(["train", "--out", str(tmp_path), "--data", "mine"]) == 0


def test_train_on_letters(training, tmp_path, capsys, monkeypatch):
    fake = types.ModuleType("digitlib.training.letters")
    fake.EPOCHS, calls = 9, []

    def train_letters(*arguments):
        calls.append(list(arguments[:5]))
        training.calls.append([])
        return types.SimpleNamespace(card={"validation_accuracy": 0.961})

    fake.train_letters, fake.examples = train_letters, lambda profile: (profile, "letters")
    monkeypatch.setitem(sys.modules, "digitlib.training.letters", fake)
    sys.modules["digitlib.training"].letters = fake
    out, files = tmp_path / "run", tmp_path / "emnist"
    assert main(["train", "--profile", "balanced", "--emnist", str(files), "--out", str(out)]) == 0
    assert main(["train", "--profile", "letters", "--epochs", "2", "--out", str(out)]) == 0
    assert calls == [["balanced", str(files), 0, 9, out], ["letters", None, 0, 2, out]]
    assert training.calls == [[out / "letters.npz"]] * 2
    assert "96.1% of letters of unseen fonts are read right" in capsys.readouterr().out


def test_train_into_a_file_is_named(training, tmp_path, capsys):
    (tmp_path / "file").write_bytes(b"")
    assert main(["train", "--out", str(tmp_path / "file")]) == 1
    assert "file" in capsys.readouterr().err


def test_train_without_data_is_named(training, tmp_path, capsys, monkeypatch):
    def missing(*arguments):
        raise DataError("mnist.npz is missing.")

    monkeypatch.setattr(training, "train", missing)
    assert main(["train", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "mnist.npz is missing.\n"


def test_profiles_are_those_of_training(capsys):
    from digitlib.training import fit, letters, line_networks

    with pytest.raises(SystemExit):
        main(["train", "--help"])
    profiles = [*fit.PROFILES, *letters.CLASSES, *line_networks.CHARACTERS]
    assert "{" + ",".join(profiles) + "}" in capsys.readouterr().out


# --- report -------------------------------------------------------------------------------------------------


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """Three notebooks, of which the second fails and the third is none, in a folder that commands run in."""
    cell = new_code_cell("seed = 0", metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[cell, new_code_cell("print(2 * seed)")]), tmp_path / "good.ipynb")
    nbformat.write(new_notebook(cells=[cell, new_code_cell("1 / 0", id="broken")]), tmp_path / "bad.ipynb")
    (tmp_path / "none.ipynb").write_text("{", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_report_names_what_failed_and_finishes_the_others(notebooks):
    done = run("report", "--name", "first", "--set", "seed=21", "none.ipynb", "bad.ipynb", "good.ipynb")
    assert done.returncode == 1
    first, *ended, index = done.stdout.decode("utf-8").splitlines()
    assert first.startswith("none.ipynb  failed: none.ipynb is not a Jupyter notebook")
    assert [line[:6] for line in ended] == ["1 of 2", "2 of 2"]
    bad, good = sorted(line[8:] for line in ended)
    assert bad == "bad.ipynb  failed: cell 2 (broken): ZeroDivisionError: division by zero"
    assert re.fullmatch(r"good\.ipynb  \d+ s", good)
    assert Path(index) == Path("reports", "first", "index.html")
    assert done.stderr.decode("utf-8") == "2 of 3 failed: none.ipynb, bad.ipynb\n"
    names = {path.name for path in Path("reports/first").iterdir() if path.suffix != ".pdf"}
    assert names == {"bad.html", "bad.ipynb", "good.html", "good.ipynb", "index.html"}
    assert "42" in Path("reports/first/good.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["good.ipynb", "--name", "../x"], "cannot be called '../x'"),
        (["good.ipynb", "--name", ""], "cannot be called ''"),
        (["good.ipynb", "--set", "sede=1"], "good.ipynb has no parameter 'sede'. Allowed: seed."),
        (["good.ipynb", "--set", "seed=one"], "good.ipynb: seed cannot be 'one'"),
        (["--sweep", "none.yaml", "--name", "../x"], "cannot be called '../x'"),
        (["--class", ".", "--name", "../x"], "cannot be called '../x'"),
        (["--class", ".", "--pictures", "gone"], "Allowed are mnist, samples, letters, or a folder"),
        (["--class", "gone", "--pictures", "mnist"], "There is no folder gone."),
    ],
)
def test_report_refuses_before_it_runs(notebooks, capsys, arguments, message):
    assert main(["report", *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not Path("reports").exists()


def test_report_does_one_thing_at_a_time(notebooks, capsys):
    with pytest.raises(SystemExit):
        main(["report", "--sweep", "plan.yaml", "--class", "folder"])
    assert "not allowed with" in capsys.readouterr().err


# --- student ------------------------------------------------------------------------------------------------


def test_student_writes_copies_of_all_lessons(tmp_path, capsys):
    assert main(["student", "--out", str(tmp_path / "student")]) == 0
    printed = capsys.readouterr().out.splitlines()
    written = [path for path in (tmp_path / "student").rglob("*") if path.is_file()]
    assert sorted(printed) == sorted(map(str, written))
    lessons = {
        path.name for folder in (".", "projects") for path in (ROOT / "notebooks" / folder).glob("*.ipynb")
    }
    assert {path.name for path in written} == {*lessons, "lessons.zip"}


def test_student_does_not_write_over_the_lessons(capsys):
    assert main(["student", "--out", str(ROOT / "notebooks")]) == 1
    assert "holds the lessons themselves" in capsys.readouterr().err
