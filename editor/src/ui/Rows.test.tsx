import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Rows, type Column } from "./Rows";

type Person = { id: string; name: string };
const people = [
  { id: "1", name: "ann" },
  { id: "2", name: "bob" },
];
const columns: Column<Person>[] = [
  { key: "name", title: "Name", show: (person) => person.name },
  { key: "link", title: "Link", show: (person) => <a href="#there">see {person.name}</a> },
];

afterEach(cleanup);

const shown = () => {
  const open = vi.fn();
  render(<Rows rows={people} columns={columns} open={open} label="People" />);
  return open;
};

it("a row opens by a click anywhere in it", () => {
  const open = shown();
  fireEvent.click(screen.getByText("bob"));
  expect(open).toHaveBeenCalledExactlyOnceWith(people[1]);
});

it("a row opens by Enter", () => {
  const open = shown();
  fireEvent.keyDown(screen.getByText("ann").closest("tr")!, { key: "Enter" });
  expect(open).toHaveBeenCalledExactlyOnceWith(people[0]);
});

it("a link in a row keeps its own meaning", () => {
  const open = shown();
  fireEvent.click(screen.getByText("see ann"));
  fireEvent.keyDown(screen.getByText("see ann"), { key: "Enter" });
  expect(open).not.toHaveBeenCalled();
});
